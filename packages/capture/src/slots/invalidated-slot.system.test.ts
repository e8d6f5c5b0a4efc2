import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { eventually, startPostgres } from '@infratraq/engines';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CaptureSlotLostError,
  createMongoChangeSink,
  recoverLostSlot,
  runSnapshot,
  type Capture,
} from '../index.js';
import { createFaultTables, findDifferences, startFaultLoad, type FaultLoad } from '../testing/fault-load.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

/** Transactions before the slot is lost, and after. */
const transactions = 60;

let opened: AsyncDisposableStack;
let bench: CaptureBench;
let load: FaultLoad;

beforeEach(async () => {
  opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'capture-invalidated-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const engine = await startPostgres({ dataDirectory: folder, disposable: true });
  opened.defer(() => engine.stop());
  bench = await openCaptureBench(engine.url);
  opened.defer(() => bench.close());
  await bench.query(`alter system set max_slot_wal_keep_size = '1MB'`);
  await bench.query('alter system set wal_keep_size = 0');
  await bench.query('select pg_reload_conf()');
  await createFaultTables(bench.postgres.pool);
  load = startFaultLoad(engine.url);
  opened.defer(() => load.stop());
}, 60_000);
afterEach(() => opened.disposeAsync(), 60_000);

/** Writes log until the server, which keeps only so much of it for a slot, has taken it away from capture's. */
async function loseSlot(): Promise<void> {
  const status = 'select wal_status from pg_replication_slots where slot_name = $1';
  await eventually(
    async () => {
      await bench.query(`select pg_logical_emit_message(false, 'test.filler', repeat('x', 4 * 1024 * 1024))`);
      await bench.query('select pg_switch_wal()');
      await bench.query('checkpoint');
      return bench.query(status, [bench.names.slot]);
    },
    ([slot]) => slot.wal_status === 'lost',
  );
}

async function expectSlotLost(failing: Promise<unknown[]>, capture: Capture): Promise<void> {
  const [{ error }] = (await failing) as [{ error: Error }];
  expect(error).toBeInstanceOf(CaptureSlotLostError);
  expect(error.message).toContain('was invalidated by the server (wal_removed)');
  expect(capture.status().state).toBe('failed');
}

/** What the lost slot gave is without a contradiction, and what stands after the gap is all that PostgreSQL has. */
async function expectRecovery(): Promise<void> {
  const [position] = await bench.query(
    'select confirmed_lsn::text from infratraq.capture_position where ended_at is null',
  );
  await recoverLostSlot(bench.postgres, bench.names);
  const capture = await bench.startCapture();
  await runSnapshot({ ...bench.names, postgresUrl: bench.postgresUrl });
  await load.progress(transactions);
  await load.stop();
  await bench.catchUp(capture);
  const changes = await bench.readChanges();
  const place = changes.findIndex(({ operation }) => operation === 'GAP');
  expect(changes[place]).toMatchObject({
    entity_id: '*',
    new_value: { from_lsn: position.confirmed_lsn, reason: 'was invalidated by the server (wal_removed)' },
  });
  expect(changes.filter(({ operation }) => operation === 'GAP')).toHaveLength(1);
  const { previous_source } = changes[place]!.new_value as { previous_source: string };
  const before = changes.filter(({ _id }) => _id.startsWith(`${previous_source}:`));
  expect(before.length).toBeGreaterThan(transactions);
  expect((await findDifferences(bench.postgres.pool, before)).contradictions).toEqual([]);
  expect((await findDifferences(bench.postgres.pool, changes.slice(place))).differing).toEqual([]);
}

it('fails at once when the server has removed the log that its slot needed while it was away, and tells what is after a gap', async () => {
  const first = await bench.startCapture();
  await load.progress(transactions);
  await bench.catchUp(first);
  await first.stop();
  await loseSlot();
  const capture = bench.makeCapture();
  const failing = once(capture, 'capture:failed');
  capture.start();
  await expectSlotLost(failing, capture);
  await expectRecovery();
}, 120_000);

it('fails at once when the server ends its stream and takes the slot because it is too slow, and tells what is after a gap', async () => {
  const sink = createMongoChangeSink(bench.connection);
  let isHeld = false;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const capture = await bench.startCapture({
    sink: {
      write: async (changes) => {
        if (isHeld) await released;
        await sink.write(changes);
      },
    },
  });
  await load.progress(transactions);
  await bench.catchUp(capture);
  isHeld = true;
  const failing = once(capture, 'capture:failed');
  await load.progress(transactions);
  await loseSlot();
  release();
  await expectSlotLost(failing, capture);
  await expectRecovery();
}, 120_000);
