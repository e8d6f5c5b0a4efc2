import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import fc from 'fast-check';
import { connectMongo, type Mongo } from '../connect.js';
import { nestAlternatives } from './nest-alternatives.js';

let databases: TestDatabases;
let mongo: Mongo;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  const places = Array.from({ length: 27 }, (_, n) => ({
    _id: n as never,
    a: n % 3,
    b: Math.floor(n / 3) % 3,
    c: Math.floor(n / 9),
  }));
  await mongo.connection.collection('places').insertMany(places);
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});

const condition = fc.oneof(
  fc.record({ a: fc.nat(2) }),
  fc.record({ b: fc.nat(2) }),
  fc.record({ a: fc.record({ $gt: fc.nat(2) }), c: fc.nat(2) }),
);
const branches = fc.array(condition, { minLength: 1, maxLength: 3 });
const part = fc.record(
  { $or: branches, $nor: branches, c: fc.record({ $lte: fc.nat(2) }) },
  { requiredKeys: [] },
);
const filter = fc
  .tuple(part, fc.option(fc.array(part, { minLength: 1, maxLength: 3 }), { nil: undefined }))
  .map(([own, $and]) => ({ ...own, ...($and && { $and }) }));

it('finds the same documents', async () => {
  const read = async (given: object) =>
    (await mongo.connection.collection('places').find(given).toArray())
      .map(({ _id }) => Number(_id))
      .sort((x, y) => x - y);
  await fc.assert(
    fc.asyncProperty(filter, async (given) => {
      expect(await read(nestAlternatives(given))).toEqual(await read(given));
    }),
    { numRuns: 200 },
  );
});

it('leaves no alternatives beside other conditions', () => {
  const either = [{ a: 1 }, { b: 1 }];
  expect(nestAlternatives({ $or: either })).toEqual({ $or: either });
  expect(nestAlternatives({ c: 1, $or: either })).toEqual({ c: 1, $nor: [{ $nor: either }] });
  expect(
    nestAlternatives({ c: 1, $nor: [{ a: 2 }], $or: either, $and: [{ $or: either }, { b: 2 }] }),
  ).toEqual({
    c: 1,
    $and: [{ b: 2 }],
    $nor: [{ a: 2 }, { $nor: either }, { $nor: either }],
  });
});
