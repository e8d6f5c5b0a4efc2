import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, startPostgres, type PostgresEngine } from '@infratraq/engines';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let folder: string;
// Its commits are held up, and nobody else's may be.
let server: PostgresEngine;
let bench: CaptureBench;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capture-visibility-'));
  server = await startPostgres({ dataDirectory: folder });
  bench = await openCaptureBench(server.url);
}, 180_000);
afterAll(async () => {
  await bench.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Until the query finds something. */
async function eventuallyFinds(text: string, values: unknown[] = []): Promise<void> {
  await eventually(
    () => bench.query(text, values),
    (rows) => rows.length > 0,
  );
}

it('knows the types and the key of what is made and filled by a commit that is in the log before others see it', async () => {
  const capture = await bench.startCapture();
  // Of all sessions only the writer waits for a standby, which there is not.
  await bench.query(`alter system set synchronous_commit = local`);
  await bench.query(`alter system set synchronous_standby_names = 'nobody'`);
  await bench.query('select pg_reload_conf()');
  await eventuallyFinds(
    `select from pg_settings where name = 'synchronous_standby_names' and setting = 'nobody'`,
  );
  const writer = new Client({ connectionString: server.url });
  await writer.connect();
  const made = writer.query(`set synchronous_commit = on; create type phase as enum ('plan', 'build');
    create table stages (id int primary key, phases phase[]); insert into stages values (7, '{plan,build}')`);
  await eventuallyFinds(`select from pg_stat_activity where wait_event = 'SyncRep'`);
  // Capture has read on until its position waits for the standby, too.
  await eventuallyFinds(
    `select from pg_stat_activity where wait_event = 'SyncRep' and application_name = $1`,
    [`infratraq capture leader ${bench.names.slot}`],
  );
  await bench.query('alter system reset synchronous_standby_names');
  await bench.query('select pg_reload_conf()');
  await made;
  await writer.end();
  await bench.catchUp(capture);
  expect(await bench.readChanges('stages')).toMatchObject([
    { entity_id: '7', new_value: { id: 7, phases: ['plan', 'build'] } },
  ]);
}, 60_000);
