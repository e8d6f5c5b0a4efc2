import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectPostgres } from '@infratraq/postgres';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

const megabyte = 1 << 20;

let bench: CaptureBench;
let neighbour: TestDatabases;

beforeAll(async () => {
  bench = await openCaptureBench();
  neighbour = await createTestDatabases({ mongodb: false });
});
afterAll(async () => {
  await bench.close();
  await neighbour.drop();
});

/** Bytes of log before `lsn` that the slot holds back. */
async function readRetained(lsn: string): Promise<number> {
  const [row] = await bench.query(
    `select $2::pg_lsn - confirmed_flush_lsn as bytes from pg_replication_slots where slot_name = $1`,
    [bench.names.slot, lsn],
  );
  return Number(row.bytes);
}

it('holds back no log while its own database is idle and others of the server write', async () => {
  const capture = await bench.startCapture();
  const other = await connectPostgres({ url: neighbour.postgresUrl });
  try {
    await other.pool.query(`create table filler as select repeat('x', 1000) from generate_series(1, 20000)`);
    const [{ lsn }] = (await bench.query('select pg_current_wal_lsn()::text as lsn')) as [{ lsn: string }];
    while ((await readRetained(lsn)) > 2 * megabyte) await delay(50);
    expect(capture.status().changes).toBe(0);
  } finally {
    await other.close();
  }
});

it('writes no log of its own while nothing happens', async () => {
  const position = () => bench.query('select confirmed_lsn, confirmed_at from infratraq.capture_position');
  const before = await position();
  await delay(1_500);
  expect(await position()).toEqual(before);
});
