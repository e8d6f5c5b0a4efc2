import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectMongo, OrderedReader, type Mongo } from '@infratraq/mongo';
import fc from 'fast-check';
import type { Change } from '../encoding/change.js';
import { formatLsn } from '../pgoutput/lsn.js';
import { ChangeLog, type ReadRequest } from './change-log.js';

let databases: TestDatabases;
let mongo: Mongo;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});
beforeEach(() => changes().deleteMany({}));

const changes = () => mongo.connection.collection<Change>('entity_changelog');
const idOf = (source: string, lsn: bigint, place = 0) =>
  `${source}:${lsn.toString(16).padStart(16, '0')}:${place.toString(16).padStart(8, '0')}`;

async function readAll(log: ChangeLog, request: Omit<ReadRequest, 'position'>): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const found = await log.readNext({ ...request, position: ids.at(-1) ?? '' });
    if (found.length === 0) return ids;
    expect(found.length).toBeLessThanOrEqual(request.limit);
    ids.push(...found.map(({ _id }) => _id));
  }
}

it('gives every complete change once and in order, however they lie in the log and their sources', async () => {
  const lsn = fc.oneof(
    fc.bigInt({ min: 1n, max: 2n ** 52n }),
    fc.bigInt({ min: 2n ** 40n, max: 2n ** 40n + 2n ** 22n }),
    fc.bigInt({ min: 5_000n, max: 5_040n }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(lsn, { maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.bigInt({ min: 1n, max: 2n ** 53n }),
      fc.boolean(),
      async (places, limit, end, isWhole) => {
        await changes().deleteMany({});
        const sources = [
          { source: '1', confirmed_lsn: undefined },
          { source: '2', confirmed_lsn: formatLsn(end) },
        ];
        const stored = sources.flatMap(({ source }) => places.map((place) => idOf(source, place)));
        if (stored.length > 0)
          await changes().insertMany(
            stored.map((_id) => ({ _id, changed_at: new Date(), entity_type: 'rows' }) as Change),
          );
        const complete = stored.filter((id) => id < idOf('2', end).slice(0, 18)).sort();
        const request = { sources, entityTypes: undefined, limit };
        const reader = new OrderedReader(mongo.connection, isWhole ? {} : { patienceMilliseconds: 0 });
        const log = new ChangeLog(mongo.connection, 'entity_changelog', reader);
        expect(await readAll(log, request)).toEqual(complete);
        const { changes: counted } = await log.countNext({ ...request, position: '' });
        expect(counted).toBe(Math.min(limit, complete.length));
      },
    ),
    { numRuns: 30 },
  );
});
