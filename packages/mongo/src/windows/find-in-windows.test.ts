import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import fc from 'fast-check';
import { Types } from 'mongoose';
import { bindModels, type Models } from '../bind-models.js';
import { connectMongo, type Mongo } from '../connect.js';
import { findPage } from '../find-page.js';
import type { FindDocuments } from '../find-documents.js';
import { findDocuments } from '../run-query.js';
import { findWork, listWorkOfCrew, listWorkOnSite, WorkRecord } from '../work-record.fixture.js';
import { findInWindows } from './find-in-windows.js';
import { findSuited } from './find-suited.js';
import { assumeOrder } from './reads-in-order.js';
import { WindowMemory } from './window-memory.js';

let databases: TestDatabases;
let mongo: Mongo;
let models: Models;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  models = bindModels(mongo.connection, [WorkRecord]);
  await models.of(WorkRecord).collection.createIndex({ crew: 1, done_at: -1 });
  assumeOrder(mongo.connection, false);
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});

/** Reads through windows even where one query would be cheap. */
function windowed(memory = new WindowMemory()): FindDocuments<WorkRecord> {
  return (shape, { limit = 1_000, budget }) =>
    findInWindows(models.of(WorkRecord), WorkRecord, shape, {
      limit,
      budget,
      memory,
      find: (narrowed, selection) => findSuited(models.of(WorkRecord), WorkRecord, narrowed, selection),
      patienceMilliseconds: 0,
    });
}

const now = Date.now();
const time = fc.oneof(
  fc.integer({ min: now - 3_000, max: now }),
  fc.constantFrom(now, now - 1, now - 60_000),
  fc.integer({ min: now - 10 * 365 * 86_400_000, max: now }),
  fc.integer({ min: now, max: now + 10 * 365 * 86_400_000 }),
  fc.integer({ min: -1_000_000_000_000, max: 0 }),
);
const record = fc.record({
  time,
  priority: fc.option(fc.integer({ min: -2, max: 1_000 }), { nil: undefined }),
  isOfCrew: fc.boolean(),
});

function document(
  number: number,
  { time: at, priority, isOfCrew }: { time: number; priority: number | undefined; isOfCrew: boolean },
) {
  return {
    _id: new Types.ObjectId((number * 7_919).toString(16).padStart(24, '0')),
    crew: isOfCrew ? 'north' : 'south',
    number,
    done_at: new Date(at),
    ...(priority !== undefined && { priority }),
    place: { site: 'bridge' },
  };
}

const shapes = {
  'newest first': { filter: { crew: 'north' }, sort: { done_at: -1 } },
  'oldest first': { filter: { crew: 'north' }, sort: { done_at: 1 } },
  'since a time': { filter: { done_at: { $gte: new Date(now - 60_000) } }, sort: { done_at: 1 } },
  'until a time': { filter: { $and: [{}, { done_at: { $lte: new Date(now) } }] }, sort: { done_at: -1 } },
  'within a time': {
    filter: { crew: 'north', done_at: { $gt: new Date(now - 3_000), $lt: new Date(now) } },
    sort: { done_at: -1 },
  },
  'from a time, newest first': {
    filter: { done_at: { $gte: new Date(now - 1_000) } },
    sort: { done_at: -1 },
  },
  'by a number that some lack': { filter: {}, sort: { priority: -1, done_at: 1, number: 1 } },
  'by a number that some lack, upwards': { filter: {}, sort: { priority: 1, number: 1 } },
  'by id': { filter: { crew: 'north' }, sort: { _id: 1 } },
  'at one time': { filter: { done_at: new Date(now) }, sort: { done_at: -1 } },
} as const;

describe('reads through windows', () => {
  it('give what a plain sort gives: sparse, dense, at the same time, in the future, and nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 30 }),
        fc.integer({ min: 1, max: 12 }),
        async (records, limit) => {
          const model = models.of(WorkRecord);
          await model.deleteMany({});
          await model.insertMany(records.map((one, number) => document(number, one)));
          const find = windowed();
          for (const shape of Object.values(shapes)) {
            const [key] = Object.keys(shape.sort) as ['done_at'];
            const values = (found: WorkRecord[]) => found.map((one) => one[key] ?? null);
            const expected = values(await findDocuments(model, shape, { limit }));
            // The second time from memory.
            for (let turn = 0; turn < 2; turn += 1)
              expect(values((await find(shape, { limit })) as WorkRecord[])).toEqual(expected);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('make pages that give every document once and in order, while newer ones come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(300, 600, 4_000_000),
        async (records, limit, bytes) => {
          const settings = { secret: 's'.repeat(32), bytes };
          const model = models.of(WorkRecord);
          await model.deleteMany({});
          const written = records.map((one, number) => document(number, { ...one, isOfCrew: true }));
          await model.insertMany(written);
          const find = windowed();
          const readAll = async (query: typeof listWorkOfCrew, more: () => Promise<void>) => {
            const read: number[] = [];
            let cursor: string | undefined;
            do {
              const page = await findPage(find, query, { crew: 'north' }, { limit, cursor }, settings);
              read.push(...page.items.map(({ number }) => number));
              cursor = page.next_cursor ?? undefined;
              await more();
            } while (cursor !== undefined);
            return read;
          };
          let next = 1_000;
          const far = now + 20 * 365 * 86_400_000;
          const add = async () => {
            next += 1;
            await model.create(document(next, { time: far + next, priority: 1, isOfCrew: true }) as never);
          };
          const expected = written.toSorted(
            (left, right) => right.done_at.getTime() - left.done_at.getTime() || right.number - left.number,
          );
          expect(await readAll(listWorkOfCrew, add)).toEqual(expected.map(({ number }) => number));
          const first = await findPage(find, listWorkOnSite, { site: 'bridge' }, { limit }, settings);
          const all = Math.min(limit, written.length + next - 1_000);
          if (bytes > 600) expect(first.items).toHaveLength(all);
          else expect(first.items.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are one query where no window can be cut', async () => {
    await models.of(WorkRecord).deleteMany({});
    await models.of(WorkRecord).create(document(1, { time: now, priority: 1, isOfCrew: true }) as never);
    const { filter } = findWork.shape({ number: 1 });
    expect(await windowed()({ filter, sort: { crew: 1 } }, { limit: 5 })).toHaveLength(1);
  });
});
