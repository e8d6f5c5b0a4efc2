import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, startPostgres, type PostgresEngine } from '@infratraq/engines';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let folder: string;
// A server that other suites write to is never idle.
let server: PostgresEngine;
let bench: CaptureBench;
let neighbour: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idle-database-'));
  server = await startPostgres({ dataDirectory: folder });
  await runIn('postgres', 'create database captured');
  await runIn('postgres', 'create database neighbour');
  bench = await openCaptureBench(nameDatabase('captured'));
  neighbour = new Client({ connectionString: nameDatabase('neighbour') });
  await neighbour.connect();
});
afterAll(async () => {
  await neighbour.end();
  await bench.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

function nameDatabase(name: string): string {
  return server.url.replace(/[^/]*$/, name);
}

async function runIn(database: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: nameDatabase(database) });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Writes `rows` rows of a kilobyte where nothing is captured. */
async function writeNextDoor(rows: number): Promise<string> {
  await neighbour.query(
    `create table filler_${rows} as select repeat('x', 1000) from generate_series(1, ${rows})`,
  );
  const { rows: found } = await neighbour.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  return found[0]!.lsn;
}

/** Bytes of log before `lsn` that the slot holds back. */
async function readRetained(lsn: string): Promise<number> {
  const [row] = await bench.query(
    'select ($2::pg_lsn - confirmed_flush_lsn)::float8 as bytes from pg_replication_slots where slot_name = $1',
    [bench.names.slot, lsn],
  );
  return row.bytes;
}

const readPosition = () => bench.query('select confirmed_lsn, confirmed_at from infratraq.capture_position');

it('writes no log of its own while next to nothing happens', async () => {
  const before = await readPosition();
  const capture = await bench.startCapture();
  const advanced = once(capture, 'capture:advanced');
  await writeNextDoor(100);
  await advanced;
  await capture.stop();
  expect(await readPosition()).toEqual(before);
});

it('holds back no log while its own database is idle and others of the server write', async () => {
  const capture = await bench.startCapture();
  const lsn = await writeNextDoor(20_000);
  await eventually(
    () => readRetained(lsn),
    (bytes) => bytes <= 2 << 20,
  );
  expect(capture.status().changes).toBe(0);
});
