import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { describeSlot, watchSlot } from '../index.js';
import type { SlotReading, SlotWatch } from './watch-slot.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let watch: SlotWatch | undefined;

beforeEach(async () => void (bench = await openCaptureBench()));
afterEach(async () => {
  await watch?.stop();
  await bench.close();
});

function startWatch(limits: { lagBytes?: number; lagSeconds?: number }): SlotWatch {
  watch = watchSlot(bench.postgres, { ...bench.names, intervalMilliseconds: 20, limits });
  return watch;
}

const next = async (event: 'capture:lagging' | 'capture:recovered') =>
  ((await once(watch!, event)) as [SlotReading])[0];

it('tells when capture is behind and when it has caught up', async () => {
  startWatch({ lagBytes: 4 << 20 });
  const lagging = next('capture:lagging');
  await bench.query(`create table filler as select repeat('x', 1000) as body from generate_series(1, 8000)`);
  const reading = await lagging;
  expect(reading.lag_bytes).toBeGreaterThan(4 << 20);
  expect(reading).toMatchObject({ wal_status: 'reserved', active: false, leader: null });
  expect(reading.reasons).toEqual([expect.stringContaining('not stored yet')]);
  const recovered = next('capture:recovered');
  await bench.startCapture();
  expect((await recovered).reasons).toEqual([]);
  expect(watch!.reading()).toMatchObject({ active: true, leader: { pid: expect.any(Number) } });
});

it('tells how old the oldest log is that was not stored', async () => {
  startWatch({ lagSeconds: 0.2 });
  const lagging = next('capture:lagging');
  await bench.query(`create table filler as select repeat('x', 1000) as body from generate_series(1, 4000)`);
  expect((await lagging).lag_seconds).toBeGreaterThan(0.2);
});

it('tells that the slot is gone', async () => {
  startWatch({});
  const lagging = next('capture:lagging');
  await bench.query('select pg_drop_replication_slot($1)', [bench.names.slot]);
  expect((await lagging).reasons).toEqual([expect.stringContaining('does not exist any more')]);
});

it('describes a slot that was never made', async () => {
  expect(await describeSlot(bench.postgres, { slot: 'never_made' })).toMatchObject({
    source: null,
    exists: false,
    active: false,
    lag_bytes: 0,
    leader: null,
  });
});
