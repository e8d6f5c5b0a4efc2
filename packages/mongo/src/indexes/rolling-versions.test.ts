import 'reflect-metadata';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import {
  Collection,
  expiresAfter,
  days,
  growth,
  permanent,
  warnOfError,
  type DocumentClass,
} from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';
import { connectMongo, type Mongo } from '../connect.js';
import { takeLease } from '../lease.js';
import { applyIndexes } from './apply-indexes.js';
import { ensureIndexes } from './ensure-indexes.js';
import { formatIndexAction } from './index-plan.js';
import { IndexBuilder } from './index-builder.js';
import { detectDrift } from './plan-indexes.js';
import { buildLease, findBuild } from './read-build.js';

const stated = {
  name: 'crane_log',
  purpose: 'What cranes lift',
  growth: growth('low', { documentBytes: 200, documentsPerDay: 100 }),
  traits: ['append-only', 'nested-fields'],
} as const;

class Fields {
  @prop({ type: Number, required: true })
  number!: number;

  @prop({ type: String })
  crane?: string;

  @prop({ type: Date, required: true })
  lifted_at!: Date;
}

const version = (indexes: readonly object[], life?: number): DocumentClass => {
  class CraneLog extends Fields {}
  const retention =
    life === undefined
      ? { retention: permanent() }
      : { retention: expiresAfter(days(life)), archive: 'never' as const };
  Collection<CraneLog>({
    ...stated,
    time: 'lifted_at',
    ...retention,
    indexes,
    shardKey: { number: 1 },
  } as never)(CraneLog);
  return CraneLog;
};

const byNumber = { key: { number: 1 }, unique: true, serves: 'findLift' };
const older = version([byNumber, { key: { crane: 1 }, serves: 'listLifts' }], 90);
const newer = version([byNumber, { key: { crane: 1, lifted_at: -1 }, serves: 'listLifts' }], 30);

let databases: TestDatabases;
let mongo: Mongo;
beforeEach(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
});
afterEach(async () => {
  await mongo.close();
  await databases.drop();
});

const collection = () => mongo.connection.db!.collection('crane_log');
const names = async () => (await collection().indexes()).map(({ name }) => name).sort();
const lift = (number: number, crane = `crane-${number % 9}`) => ({ number, crane, lifted_at: new Date() });

it('lets an old and a new version start side by side, in any order and at once, and undo nothing', async () => {
  await ensureIndexes(mongo.connection, [older]);
  await collection().insertMany(Array.from({ length: 50 }, (_, number) => lift(number)));
  const both = ['_id_', 'crane_1', 'crane_1_lifted_at_-1', 'number_1', 'ttl_lifted_at'];
  await ensureIndexes(mongo.connection, [newer]);
  expect(await names()).toEqual(both);
  for (const starts of [[older], [newer, older], [older, newer, newer]]) {
    const done = await Promise.all(starts.map((one) => ensureIndexes(mongo.connection, [one])));
    expect(done.flatMap(({ built }) => built)).toEqual([]);
    expect(await names()).toEqual(both);
  }
  const [life] = (await collection().indexes()).filter(({ name }) => name === 'ttl_lifted_at');
  expect(life).toMatchObject({ expireAfterSeconds: days(90) });
});

it('drops what another version declared and changes lives by the operator alone', async () => {
  await ensureIndexes(mongo.connection, [older]);
  await ensureIndexes(mongo.connection, [newer]);
  expect((await detectDrift(mongo.connection, [newer])).actions.map(formatIndexAction)).toEqual([
    'modify ttl  crane_log.ttl_lifted_at from 7776000 s to 2592000 s',
    'drop        crane_log.crane_1 (crane 1)',
  ]);
  await applyIndexes(mongo.connection, [newer], { prune: true });
  expect((await detectDrift(mongo.connection, [newer])).actions).toEqual([]);
});

it('keeps unique keys closed while an index takes the place of another', async () => {
  const partly = version([{ ...byNumber, partial: { number: { $gt: 0 } } }]);
  await ensureIndexes(mongo.connection, [version([byNumber])]);
  await collection().insertOne(lift(1));
  let [tries, isReplaced] = [0, false];
  const writing = (async () => {
    while (!isReplaced || tries < 20) {
      tries += 1;
      await expect(collection().insertOne(lift(1))).rejects.toMatchObject({ code: 11_000 });
    }
  })();
  await applyIndexes(mongo.connection, [partly], { prune: true });
  isReplaced = true;
  await writing;
  expect(await collection().countDocuments({ number: 1 })).toBe(1);
  expect((await detectDrift(mongo.connection, [partly])).actions).toEqual([]);
});

it('waits at a start for unique indexes alone where a collection is large, and one process builds the others', async () => {
  await collection().insertMany(Array.from({ length: 300 }, (_, number) => lift(number)));
  const starts = await Promise.all(
    Array.from({ length: 2 }, () => ensureIndexes(mongo.connection, [older], { smallDocuments: 100 })),
  );
  expect(await names()).toEqual(['_id_', 'number_1']);
  expect(starts.map(({ pending }) => pending.length)).toEqual([2, 2]);
  await expect(collection().insertOne(lift(1))).rejects.toMatchObject({ code: 11_000 });
  const built: string[] = [];
  const builders = starts.map(
    ({ pending }) =>
      new IndexBuilder({
        connection: mongo.connection,
        collections: [older],
        pending,
        onError: warnOfError,
        everyMilliseconds: 50,
        onBuilt: (action) => built.push(formatIndexAction(action)),
      }),
  );
  const stops = builders.map((builder) => builder.start());
  await eventually(
    () => Promise.all(builders.map((builder) => builder.status())),
    (found) => found.every(({ pending, building }) => pending.length === 0 && building === null),
  );
  for (const stop of stops) stop();
  expect(built.sort()).toEqual([
    'create      crane_log.crane_1 (crane 1)',
    'create      crane_log.ttl_lifted_at (lifted_at 1)',
  ]);
});

it('takes over what a killed process was building', async () => {
  await collection().insertMany(Array.from({ length: 300 }, (_, number) => lift(number)));
  const lease = await takeLease(mongo.connection, buildLease);
  await lease!.note({
    working_on: { collection: 'crane_log', index: 'crane_1', started_at: new Date(), done: 30, total: 300 },
  });
  expect(await findBuild(mongo.connection)).toMatchObject({ index: 'crane_1', done: 30, total: 300 });
  expect(await takeLease(mongo.connection, buildLease)).toBeUndefined();
  lease!.abandon();
  await mongo.connection
    .db!.collection('infratraq_housekeeping')
    .updateOne({ _id: buildLease as never }, { $set: { held_until: new Date(Date.now() - 1) } });
  expect(await findBuild(mongo.connection)).toBeUndefined();
  const { actions } = await applyIndexes(mongo.connection, [older]);
  expect(actions).toHaveLength(3);
});

it('outlives the time that the connection gives its commands', async () => {
  const uri = `${databases.mongodbUri}&socketTimeoutMS=150`;
  await collection().insertMany(Array.from({ length: 60_000 }, (_, number) => lift(number)));
  const hasty = await connectMongo({ uri });
  try {
    const { actions } = await applyIndexes(hasty.connection, [older]);
    expect(actions).toHaveLength(3);
  } finally {
    await hasty.close();
  }
});
