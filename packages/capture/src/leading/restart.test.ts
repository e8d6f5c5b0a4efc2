import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Change, ChangeBatch } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { awaitMessage, killProcess, startCaptureProcess } from '../testing/start-capture-process.js';

let bench: CaptureBench;

beforeEach(async () => {
  bench = await openCaptureBench();
  await bench.query('create table counters (id int primary key, value int not null)');
  await bench.query('insert into counters select i, 0 from generate_series(1, 5) i');
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map(killProcess));
  await bench.close();
});

const processes: ChildProcess[] = [];

function startProcess(): ChildProcess {
  const child = startCaptureProcess(bench);
  processes.push(child);
  return child;
}

const increment = () => bench.query('update counters set value = value + 1');

/** Every counter must show each value once, in order, and each change must begin where the one before ended. */
function expectEveryStepOnce(changes: Change[], steps: number): void {
  for (const id of ['1', '2', '3', '4', '5']) {
    const ofRow = changes.filter(({ entity_id }) => entity_id === id);
    expect(ofRow.map(({ new_value }) => new_value?.['value'])).toEqual(
      Array.from({ length: steps + 1 }, (_, step) => step),
    );
    ofRow.slice(1).forEach((change, index) => expect(change.old_value).toEqual(ofRow[index]!.new_value));
  }
}

it('goes on after a stop where it was, losing and doubling nothing', async () => {
  let capture = await bench.startCapture();
  for (let step = 1; step <= 30; step += 1) {
    await increment();
    if (step % 10 !== 0) continue;
    await capture.stop();
    await increment();
    capture = await bench.startCapture();
  }
  await bench.catchUp(capture);
  expectEveryStepOnce(await bench.readChanges('counters'), 33);
});

it('holds every change exactly once after being killed again and again under load', async () => {
  let steps = 0;
  let loading = true;
  const load = (async () => {
    for (; loading; steps += 1) {
      await increment();
      // Paces the load, so that it lasts through all the kills.
      await delay(2);
    }
  })();
  try {
    for (let kill = 0; kill < 4; kill += 1) {
      const child = startProcess();
      await awaitMessage(child, 'advanced', 1 + kill * 3);
      await killProcess(child);
    }
  } finally {
    loading = false;
    await load;
  }
  await bench.catchUp(await bench.startCapture());
  expectEveryStepOnce(await bench.readChanges('counters'), steps);
});

it('is taken over by a waiting process when the leader dies', async () => {
  const leader = startProcess();
  await awaitMessage(leader, 'started');
  const follower = bench.makeCapture();
  const waiting = once(follower, 'capture:waiting');
  follower.start();
  await waiting;
  const advanced = awaitMessage(leader, 'advanced');
  await increment();
  await advanced;
  expect(follower.status()).toMatchObject({ state: 'waiting', changes: 0 });
  const started = once(follower, 'capture:started');
  await killProcess(leader);
  await increment();
  await started;
  await bench.catchUp(follower);
  expectEveryStepOnce(await bench.readChanges('counters'), 2);
});

it('goes on after PostgreSQL has ended its sessions', async () => {
  const capture = await bench.startCapture();
  await increment();
  await bench.catchUp(capture);
  const restarted = once(capture, 'capture:started');
  await bench.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name like 'infratraq capture%' and datname = current_database()`,
  );
  await increment();
  await restarted;
  await bench.catchUp(capture);
  expectEveryStepOnce(await bench.readChanges('counters'), 2);
});

it('offers the same changes again until the sink takes them, and skips none', async () => {
  let writes = 0;
  const stored: Change[] = [];
  const sink = {
    write: (changes: ChangeBatch) => {
      writes += 1;
      if (writes <= 2) return Promise.reject(new Error('the sink is away'));
      stored.push(...changes.readAll());
      return Promise.resolve();
    },
  };
  const errors: unknown[] = [];
  const capture = await bench.startCapture({ sink, onError: (error) => errors.push(error) });
  await increment();
  await bench.catchUp(capture);
  expect(errors).toHaveLength(2);
  expectEveryStepOnce(
    stored.filter(({ entity_type }) => entity_type === 'counters'),
    1,
  );
});

it('carries a transaction that is larger than its memory budget in several writes, confirming only the whole', async () => {
  const sizes: number[] = [];
  const advances: number[] = [];
  const sink = {
    write: (changes: ChangeBatch) => {
      sizes.push(changes.length);
      return Promise.resolve();
    },
  };
  const capture = await bench.startCapture({ sink, maxBatchChanges: 500 });
  await bench.catchUp(capture);
  sizes.length = 0;
  capture.on('capture:advanced', ({ changes }) => changes > 0 && advances.push(changes));
  await bench.query('insert into counters select i, 0 from generate_series(100, 20099) i');
  await bench.catchUp(capture);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(20_000);
  expect(advances).toEqual([20_000]);
});

it('confirms nothing beyond a write that has failed, though the one after it is stored already', async () => {
  for (let first = 100; first < 2_100; first += 100)
    await bench.query('insert into counters select i, 0 from generate_series($1::int, $2::int) i', [
      first,
      first + 99,
    ]);
  let laterIsStored = () => {};
  const laterStored = new Promise<void>((resolve) => (laterIsStored = resolve));
  const advances: number[] = [];
  const stored: number[] = [];
  let writes = 0;
  const sink = {
    concurrentWrites: 2,
    write: async (changes: ChangeBatch) => {
      const write = (writes += 1);
      if (write === 1) {
        await laterStored;
        // What follows from that write has happened, too.
        await setImmediate();
        throw new Error('the sink is away');
      }
      stored.push(...changes.readAll().map(({ entity_id }) => Number(entity_id)));
      if (write === 2) laterIsStored();
    },
  };
  const advancesAtFaults: number[][] = [];
  const onError = () => advancesAtFaults.push([...advances]);
  const capture = bench.makeCapture({ sink, maxBatchChanges: 500, onError });
  capture.on('capture:advanced', ({ changes }) => changes > 0 && advances.push(changes));
  capture.start();
  await bench.catchUp(capture);
  expect(advancesAtFaults).toEqual([[]]);
  const inOrder = [1, 2, 3, 4, 5, ...Array.from({ length: 2_000 }, (_, place) => 100 + place)];
  expect(stored.indexOf(1)).toBeGreaterThan(0);
  expect(stored.filter((id) => id > 0).sort((left, right) => left - right)).toEqual(inOrder);
});
