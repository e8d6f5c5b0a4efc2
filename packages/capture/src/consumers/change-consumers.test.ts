import { eventually } from '@infratraq/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createConnection } from 'mongoose';
import {
  createConsumers,
  createMongoChangeSink,
  describeConsumers,
  RejectedChangeError,
  replayChanges,
  rewindConsumer,
  type Capture,
  type Change,
  type ChangeConsumer,
  type ChangeConsumers,
  type RejectedChange,
} from '../index.js';
import { UnknownConsumerError } from './request-replay.js';
import type { ConsumersSettings } from './change-consumers.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let capture: Capture;
let running: ChangeConsumers[];
let rejected: RejectedChange[];

beforeEach(async () => {
  running = [];
  rejected = [];
  bench = await openCaptureBench();
  await bench.query('create table rows (id int primary key); create table others (id int primary key)');
  capture = await bench.startCapture();
});
afterEach(async () => {
  await Promise.all(running.map((consumers) => consumers.stop()));
  await bench.close();
});

function start(consumers: ChangeConsumer[], options: Partial<ConsumersSettings> = {}): ChangeConsumers {
  const started = createConsumers({
    postgresUrl: bench.postgresUrl,
    connection: bench.connection,
    capture,
    slot: bench.names.slot,
    pollMilliseconds: 50,
    consumers,
    onRejected: async (one) => void rejected.push(one),
    ...options,
  });
  running.push(started);
  started.start();
  return started;
}

/** A consumer that notes which rows it was given, and fails as it is told to. */
function collector(name: string, options: Partial<ChangeConsumer> & { fail?: (id: string) => unknown } = {}) {
  const seen: string[] = [];
  const { fail, ...rest } = options;
  const consumer: ChangeConsumer = {
    name,
    entityTypes: ['rows'],
    handle: async (changes) => {
      for (const { entity_id } of changes) {
        const fault = fail?.(entity_id);
        if (fault !== undefined) throw fault;
      }
      seen.push(...changes.map(({ entity_id }) => entity_id));
    },
    ...rest,
  };
  return { seen, consumer };
}

const insert = (from: number, to: number, table = 'rows') =>
  bench.query(`insert into ${table} select generate_series(${from}, ${to})`);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** Resolves once the consumer has had everything that was committed before. */
async function settle(consumers: ChangeConsumers, name: string): Promise<void> {
  await bench.catchUp(capture);
  const newest = (await bench.readChanges('rows')).at(-1)!._id;
  await eventually(
    () => consumers.status().find((one) => one.name === name)?.position ?? '',
    (position) => position >= newest,
  );
}

const describe = () => describeConsumers(bench.postgres, bench.connection, bench.names);

it('gives every consumer all of its changes in commit order, and goes on after a stop where it was', async () => {
  await insert(1, 3);
  const one = collector('one');
  const two = collector('two', { maxChanges: 2 });
  const first = start([one.consumer, two.consumer]);
  await insert(1, 5, 'others');
  await insert(4, 7);
  await Promise.all([settle(first, 'one'), settle(first, 'two')]);
  await first.stop();
  await insert(8, 9);
  const second = start([one.consumer, two.consumer]);
  await Promise.all([settle(second, 'one'), settle(second, 'two')]);
  expect(one.seen).toEqual(numbers(1, 9));
  expect(two.seen).toEqual(numbers(1, 9));
});

it('begins a new consumer with the changes to come where it asks for that', async () => {
  await insert(1, 3);
  await bench.catchUp(capture);
  await capture.stop();
  const late = collector('late', { startAt: 'now' });
  const consumers = start([late.consumer], { pollMilliseconds: 20 });
  await eventually(describe, (consumers) => consumers.length > 0);
  capture = await bench.startCapture();
  await insert(4, 5);
  await settle(consumers, 'late');
  expect(late.seen).toEqual(['4', '5']);
});

it('lets nobody wait for a consumer that hangs or fails for want of a server', async () => {
  const hanging = collector('hanging', {
    handle: (_changes, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended')))),
  });
  const away = collector('away', {
    fail: () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  });
  const well = collector('well');
  const consumers = start([hanging.consumer, away.consumer, well.consumer]);
  await insert(1, 3);
  const retried = once(consumers, 'consumer:retrying');
  await settle(consumers, 'well');
  await insert(4, 6);
  await settle(consumers, 'well');
  await retried;
  expect(well.seen).toEqual(numbers(1, 6));
  expect(rejected).toEqual([]);
  // What capture has stored is remembered a little later, and when it stops.
  await capture.stop();
  expect(await describe()).toMatchObject([
    { name: 'away', fault: 'connect ECONNREFUSED', position: '', lag_changes: 6 },
    { name: 'hanging', fault: null, lag_changes: 6 },
    { name: 'well', fault: null, lag_changes: 0, lag_seconds: 0 },
  ]);
});

it('rejects only the changes that a consumer cannot take, and gives it all others', async () => {
  const failures = new Map<string, number>();
  const picky = collector('picky', {
    fail: (id) => {
      failures.set(id, (failures.get(id) ?? 0) + 1);
      if (id === '4') return new RejectedChangeError('4 is no number for me');
      if (id === '9') return new TypeError('a defect');
      return id === '6' && failures.get(id)! < 2 ? new Error('passes later') : undefined;
    },
  });
  const consumers = start([picky.consumer], { maxAttempts: 3 });
  await insert(1, 12);
  await settle(consumers, 'picky');
  expect([...new Set(picky.seen)]).toEqual(numbers(1, 12).filter((id) => id !== '4' && id !== '9'));
  expect(rejected.map(({ consumer, change, attempts }) => [consumer, change.entity_id, attempts])).toEqual([
    ['picky', '4', 1],
    ['picky', '9', 3],
  ]);
});

it('keeps a rejected change back until it is kept elsewhere', async () => {
  let refusals = 2;
  const picky = collector('picky', {
    fail: (id) => (id === '2' ? new RejectedChangeError('no') : undefined),
  });
  const consumers = start([picky.consumer], {
    onRejected: async (one) => {
      if ((refusals -= 1) >= 0) throw new Error('the dead letters cannot be written');
      rejected.push(one);
    },
  });
  await insert(1, 3);
  await settle(consumers, 'picky');
  expect(rejected).toHaveLength(1);
  expect([...new Set(picky.seen)]).toEqual(['1', '3']);
});

it('has one process at a time handle a consumer, and another one go on when that ends', async () => {
  const here = collector('shared');
  const there = collector('shared');
  const first = start([here.consumer]);
  await insert(1, 2);
  await settle(first, 'shared');
  const second = start([there.consumer]);
  await eventually(
    () => second.status()[0]!.state,
    (state) => state === 'waiting',
  );
  await insert(3, 4);
  await settle(first, 'shared');
  expect(there.seen).toEqual([]);
  await first.stop();
  await insert(5, 6);
  await settle(second, 'shared');
  expect([here.seen, there.seen]).toEqual([numbers(1, 4), numbers(5, 6)]);
});

it('never reads changes that may not be complete yet', async () => {
  const eager = collector('eager');
  const consumers = start([eager.consumer], { pollMilliseconds: 20 });
  await insert(1, 2);
  await settle(consumers, 'eager');
  const [known] = await bench.readChanges('rows');
  const beyond = `${known!._id.split(':')[0]}:fffffffffffffff0:00000000`;
  await bench.changelog.insertOne({ ...known!, _id: beyond, entity_id: 'beyond' } as Change);
  const advanced = once(consumers, 'consumer:advanced');
  await insert(3, 3);
  await advanced;
  expect(eager.seen).toEqual(['1', '2', '3']);
});

it('gives changes again from one of them or from a time, and those that were rejected, when asked to', async () => {
  let isMended = false;
  const replayed: string[] = [];
  const mended = collector('mended', {
    fail: (id) => (id === '2' && !isMended ? new RejectedChangeError('no') : undefined),
  });
  const onReplayed = async (_consumer: string, id: string) => void replayed.push(id);
  const consumers = start([mended.consumer], { onReplayed });
  const begun = new Date();
  await insert(1, 4);
  await settle(consumers, 'mended');
  isMended = true;
  const id = rejected[0]!.change._id;
  await replayChanges(bench.postgres, { ...bench.names, consumer: 'mended', changeIds: [id] });
  await eventually(
    () => replayed,
    (ids) => ids.length > 0,
  );
  expect(replayed).toEqual([id]);
  expect(mended.seen.at(-1)).toBe('2');

  const rewind = async (from: string | Date) => {
    mended.seen.length = 0;
    const advanced = once(consumers, 'consumer:advanced');
    const selection = { ...bench.names, consumer: 'mended', from };
    await rewindConsumer(bench.postgres, bench.connection, selection);
    await advanced;
    return mended.seen;
  };
  expect(await rewind((await bench.readChanges('rows'))[2]!._id)).toEqual(['3', '4']);
  expect(await rewind(begun)).toEqual(numbers(1, 4));
  await expect(
    replayChanges(bench.postgres, { ...bench.names, consumer: 'nobody', changeIds: [id] }),
  ).rejects.toBeInstanceOf(UnknownConsumerError);
});

it('rewinds and describes a consumer by the collection that it reads', async () => {
  const collectionName = 'other_changelog';
  await capture.stop();
  capture = await bench.startCapture({ sink: createMongoChangeSink(bench.connection, { collectionName }) });
  const elsewhere = collector('elsewhere');
  const consumers = start([elsewhere.consumer], { collectionName });
  const advanced = once(consumers, 'consumer:advanced');
  await insert(1, 3);
  await advanced;
  elsewhere.seen.length = 0;
  const selection = { ...bench.names, consumer: 'elsewhere', from: new Date(Date.now() - 60_000) };
  await expect(rewindConsumer(bench.postgres, bench.connection, selection)).rejects.toMatchObject({
    code: 'capture.nothing-to-replay',
  });
  const again = once(consumers, 'consumer:advanced');
  await rewindConsumer(bench.postgres, bench.connection, { ...selection, collectionName });
  await again;
  expect(elsewhere.seen).toEqual(numbers(1, 3));
  await consumers.stop();
  await rewindConsumer(bench.postgres, bench.connection, { ...selection, collectionName });
  await capture.stop();
  expect(
    await describeConsumers(bench.postgres, bench.connection, { ...bench.names, collectionName }),
  ).toMatchObject([{ name: 'elsewhere', lag_changes: 3 }]);
});

it('goes on by itself after its sessions and its database connection were cut', async () => {
  const connection = await createConnection(bench.mongodbUri).asPromise();
  const steady = collector('steady');
  const consumers = start([steady.consumer], { connection });
  await insert(1, 2);
  await settle(consumers, 'steady');
  const retried = once(consumers, 'consumer:retrying');
  await bench.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name like 'infratraq capture leader consumer%' and datname = current_database()`,
  );
  await retried;
  await insert(3, 4);
  await settle(consumers, 'steady');
  expect([...new Set(steady.seen)]).toEqual(numbers(1, 4));
  await consumers.stop();
  await connection.close();
});
