import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import fc from 'fast-check';
import { connectMongo, type Mongo } from '../connect.js';
import { WorkRecord } from '../work-record.fixture.js';
import { suitFilter } from './suit-filter.js';

let databases: TestDatabases;
let mongo: Mongo;
const origin = Date.UTC(2026, 0, 1);
const timeOf = (place: number) => new Date(origin + place * 1_000);

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  const collection = mongo.connection.collection('work_record');
  await collection.createIndex({ crew: 1, done_at: -1 });
  await collection.createIndex({ 'place.site': 1, priority: -1, done_at: 1 });
  await collection.insertMany(
    Array.from({ length: 81 }, (_, place) => ({
      crew: `crew-${place % 3}`,
      number: place,
      done_at: timeOf(place),
      place: { site: `site-${Math.floor(place / 3) % 3}` },
      ...(place % 9 < 6 && { priority: Math.floor(place / 9) % 3 }),
      tools: [
        { kind: `kind-${place % 2}`, size: Math.floor(place / 27) },
        { kind: 'kind-2', size: place % 3 },
      ],
    })),
  );
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});

const place = fc.nat(80);
const edge = fc.record(
  { $gte: place.map(timeOf), $lt: place.map(timeOf), $exists: fc.constant(true) },
  { requiredKeys: [] },
);
const plain = fc.record(
  {
    crew: fc.oneof(
      fc.constantFrom('crew-0', 'crew-1'),
      fc.constant({ $in: ['crew-1', 'crew-2'] }),
      fc.constant({ $ne: 'crew-0' }),
    ),
    'place.site': fc.constantFrom('site-0', 'site-1'),
    priority: fc.oneof(fc.nat(2), fc.constant(null), fc.constant({ $exists: false })),
    done_at: edge.filter((one) => Object.keys(one).length > 0),
    number: fc.record({ $gt: place }),
    'tools.kind': fc.constantFrom('kind-0', 'kind-2'),
    tools: fc.record({
      $elemMatch: fc.record({ kind: fc.constantFrom('kind-0', 'kind-2'), size: fc.nat(2) }),
    }),
  },
  { requiredKeys: [] },
);
const branches = fc.array(plain, { minLength: 1, maxLength: 3 });
const part = fc
  .tuple(plain, fc.record({ $or: branches, $nor: branches }, { requiredKeys: [] }))
  .map(([conditions, operators]) => ({ ...conditions, ...operators }));
const filter = fc
  .tuple(part, fc.option(fc.array(part, { minLength: 1, maxLength: 3 }), { nil: undefined }))
  .map(([own, $and]) => ({ ...own, ...($and && { $and }) }));

describe('a filter stated for an engine that plans little', () => {
  it('finds the same documents', async () => {
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const found = await mongo.connection
          .collection('work_record')
          .find(suitFilter(WorkRecord, given))
          .toArray();
        // Beneath an `$expr` no index is used.
        const expected = await mongo.connection
          .collection('work_record')
          .find({ $and: [{ $expr: true }, { $or: [given] }] })
          .toArray();
        const numbers = (list: readonly object[]) =>
          list.map((one) => Number((one as { number: number }).number)).sort((a, b) => a - b);
        expect(numbers(found)).toEqual(numbers(expected));
      }),
      { numRuns: 300 },
    );
  });

  it('has at its top what an index serves, and nothing else', () => {
    const since = { $gte: timeOf(1) };
    expect(suitFilter(WorkRecord, { crew: 'a', done_at: since, note: 'x' })).toEqual({
      crew: 'a',
      done_at: since,
      $and: [{ $or: [{ note: 'x' }] }],
    });
    expect(suitFilter(WorkRecord, { number: 1, $or: [{ note: 'x' }, { note: 'y' }] })).toEqual({
      number: 1,
      $and: [{ $or: [{ $or: [{ note: 'x' }, { note: 'y' }] }] }],
    });
    expect(
      suitFilter(WorkRecord, { crew: 'a', $and: [{ done_at: { ...since, $exists: true } }, { crew: 'b' }] }),
    ).toEqual({
      crew: 'a',
      done_at: since,
      $and: [{ $or: [{ $and: [{ done_at: { $exists: true } }, { crew: 'b' }] }] }],
    });
  });

  it('stays as it is where no index is to be gained', () => {
    for (const given of [
      { note: 'x' },
      { crew: 'a', note: 'x' },
      { $or: [{ crew: 'a' }, { number: 1 }] },
      { $text: { $search: 'x' }, crew: 'a' },
    ])
      expect(suitFilter(WorkRecord, given)).toBe(given);
  });
});
