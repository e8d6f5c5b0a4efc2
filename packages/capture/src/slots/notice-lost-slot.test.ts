import { eventually } from '@infratraq/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runAsActor } from '@infratraq/kernel';
import { once } from 'node:events';
import {
  abandonLostSlot,
  CaptureNotPreparedError,
  CaptureSlotLostError,
  prepareCapture,
  recoverLostSlot,
  runSnapshot,
} from '../index.js';
import { SlotNotLostError } from './recover-lost-slot.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;

beforeEach(async () => {
  bench = await openCaptureBench();
  await bench.query('create table rows (id int primary key)');
});
afterEach(() => bench.close());

// A stopped capture has closed its connection; PostgreSQL lets go of the slot a moment later.
async function dropSlot(): Promise<void> {
  const active = 'select 1 from pg_replication_slots where slot_name = $1 and active';
  await eventually(
    () => bench.query(active, [bench.names.slot]),
    (slots) => slots.length === 0,
  );
  await bench.query('select pg_drop_replication_slot($1)', [bench.names.slot]);
}

function readSources(): Promise<object[]> {
  return bench.query(
    'select source, ended_at is not null as ended from infratraq.capture_position order by created_at',
  );
}

it('ends with a clear error when its slot was dropped, and never makes a new one silently', async () => {
  const first = await bench.startCapture();
  await bench.query('insert into rows values (1)');
  await bench.catchUp(first);
  await first.stop();
  await dropSlot();
  const capture = bench.makeCapture();
  const failed = once(capture, 'capture:failed');
  capture.start();
  const [{ error }] = (await failed) as [{ error: Error }];
  expect(error).toBeInstanceOf(CaptureSlotLostError);
  expect(error.message).toMatch(/Changes after [0-9A-F]+\/[0-9A-F]+ may be missing/);
  expect(capture.status().state).toBe('failed');
  await expect(prepareCapture(bench.postgres, bench.names)).rejects.toBeInstanceOf(CaptureSlotLostError);
  expect(
    await bench.query('select 1 from pg_replication_slots where slot_name = $1', [bench.names.slot]),
  ).toEqual([]);
});

it('notices a slot that was dropped and made anew by hand under its name', async () => {
  const first = await bench.startCapture();
  await bench.query('insert into rows values (1)');
  await bench.catchUp(first);
  await first.stop();
  await dropSlot();
  await bench.query('insert into rows values (2)');
  await bench.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [bench.names.slot]);
  const capture = bench.makeCapture();
  const failed = once(capture, 'capture:failed');
  capture.start();
  const [{ error }] = (await failed) as [{ error: Error }];
  expect(error).toBeInstanceOf(CaptureSlotLostError);
  expect(error.message).toContain('made anew by hand');
});

it('begins anew with ids of its own once the gap has been accepted', async () => {
  const first = await bench.startCapture();
  await bench.query('insert into rows values (1)');
  await bench.catchUp(first);
  await first.stop();
  await dropSlot();
  await abandonLostSlot(bench.postgres, bench.names);
  await prepareCapture(bench.postgres, bench.names);
  const second = await bench.startCapture();
  await bench.query('insert into rows values (2)');
  await bench.catchUp(second);
  const changes = await bench.readChanges('rows');
  expect(changes.map(({ entity_id }) => entity_id)).toEqual(['1', '2']);
  expect(new Set(changes.map(({ _id }) => _id.split(':')[0])).size).toBe(2);
  expect(await readSources()).toEqual([
    { source: expect.stringMatching(/^[0-9a-f]{12}$/), ended: true },
    { source: expect.stringMatching(/^[0-9a-f]{12}$/), ended: false },
  ]);
});

it('recovers a lost slot: marks the gap, then reads every table as it is now', async () => {
  const first = await bench.startCapture();
  await bench.query('insert into rows values (1), (2)');
  await bench.catchUp(first);
  await expect(recoverLostSlot(bench.postgres, bench.names)).rejects.toBeInstanceOf(SlotNotLostError);
  await first.stop();
  const [{ confirmed_lsn }] = await bench.query(
    'select confirmed_lsn::text from infratraq.capture_position where ended_at is null',
  );
  await dropSlot();
  await bench.query('insert into rows values (3); delete from rows where id = 1');
  await runAsActor({ user_id: 'u-operator', roles: ['operator'] }, () =>
    recoverLostSlot(bench.postgres, bench.names),
  );
  const second = await bench.startCapture();
  await runSnapshot({ ...bench.names, postgresUrl: bench.postgresUrl });
  await bench.catchUp(second);
  const [gap, ...more] = await bench.readChanges('*');
  expect(more).toEqual([]);
  expect(gap).toMatchObject({
    entity_id: '*',
    operation: 'GAP',
    changed_by: 'u-operator',
    new_value: { from_lsn: confirmed_lsn, from_at: expect.any(Date), reason: 'does not exist any more' },
  });
  expect(gap!.new_value!['previous_source']).not.toBe(gap!._id.split(':')[0]);
  const changes = await bench.readChanges('rows');
  expect(changes.map(({ operation, entity_id }) => [operation, entity_id])).toEqual([
    ['INSERT', '1'],
    ['INSERT', '2'],
    ['SNAPSHOT', '2'],
    ['SNAPSHOT', '3'],
  ]);
  expect(changes[2]!._id > gap!._id).toBe(true);
});

it('takes over the position of a database from before there was a history of slots', async () => {
  await bench.query(
    'alter table infratraq.capture_position drop column ended_at cascade, drop column started_lsn, drop column message_secret',
  );
  await bench.query(
    'alter table infratraq.capture_position drop constraint capture_position_pkey, add primary key (slot_name)',
  );
  const [before] = await bench.query('select source from infratraq.capture_position');
  await prepareCapture(bench.postgres, bench.names);
  expect(await readSources()).toEqual([{ ...before, ended: false }]);
});

it('says that capture must be prepared where it never was', async () => {
  const capture = bench.makeCapture({ slot: 'never_prepared' });
  const failed = once(capture, 'capture:failed');
  capture.start();
  const [{ error }] = (await failed) as [{ error: Error }];
  expect(error).toBeInstanceOf(CaptureNotPreparedError);
  expect(error.message).toContain('prepareCapture()');
});

it('may be prepared again, by several servers at once', async () => {
  await Promise.all([1, 2, 3].map(() => prepareCapture(bench.postgres, bench.names)));
  const slots = await bench.query('select 1 from pg_replication_slots where slot_name = $1', [
    bench.names.slot,
  ]);
  expect(slots).toHaveLength(1);
});
