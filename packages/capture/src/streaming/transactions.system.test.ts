import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startPostgres } from '@infratraq/engines';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openCaptureBench } from '../testing/open-capture-bench.js';
import { awaitMessage, killProcess, startCaptureProcess } from '../testing/start-capture-process.js';

let opened: AsyncDisposableStack;

beforeEach(() => {
  opened = new AsyncDisposableStack();
});
afterEach(() => opened.disposeAsync(), 60_000);

it('captures a prepared transaction once it is committed, once, and never one that is rolled back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'capture-prepared-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const first = await startPostgres({ dataDirectory: folder });
  await runSql(first.url, 'alter system set max_prepared_transactions = 10');
  await first.stop();
  const engine = await startPostgres({ dataDirectory: folder });
  opened.defer(() => engine.stop());
  const bench = await openCaptureBench(engine.url);
  opened.defer(() => bench.close());
  await bench.query('create table payments (id int primary key)');
  const before = await bench.startCapture();
  const prepare = (id: number) =>
    runSql(engine.url, `begin; insert into payments values (${id}); prepare transaction 'payment ${id}'`);
  await prepare(1);
  await prepare(2);
  await bench.query('insert into payments values (3)');
  await bench.catchUp(before);
  const idsOf = async () => (await bench.readChanges('payments')).map(({ entity_id }) => entity_id);
  expect(await idsOf()).toEqual(['3']);
  await before.stop();
  const after = await bench.startCapture();
  await runSql(engine.url, `commit prepared 'payment 1'`);
  await runSql(engine.url, `rollback prepared 'payment 2'`);
  await bench.catchUp(after);
  expect(await idsOf()).toEqual(['3', '1']);
}, 60_000);

it('holds a transaction in memory nowhere, however large it is', async () => {
  const [rows, rowBytes] = [1_000_000, 200];
  const bench = await openCaptureBench();
  opened.defer(() => bench.close());
  await bench.query('create table readings (id int primary key, body text)');
  const child = startCaptureProcess(bench, 500);
  opened.defer(() => killProcess(child));
  await awaitMessage(child, 'started');
  const stored = awaitMessage(child, 'advanced');
  await bench.query(`insert into readings values (0, '')`);
  await stored;
  const megabytesBefore = await readMegabytes(child.pid!, 'VmRSS');
  const allStored = awaitMessage(child, 'advanced');
  await bench.query(
    `begin; insert into readings select i, repeat('x', ${rowBytes}) from generate_series(1, ${rows}) i;
     savepoint undone; update readings set body = ''; rollback to undone; commit`,
  );
  await allStored;
  expect(await bench.changelog.countDocuments({ entity_type: 'readings' })).toBe(rows + 1);
  const grown = (await readMegabytes(child.pid!, 'VmHWM')) - megabytesBefore;
  // What Node takes before it collects is the same however large the transaction is: this one is larger than that.
  expect(grown).toBeLessThan((rows * rowBytes) / 2 ** 20 / 1.5);
}, 300_000);

async function runSql(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Memory as the kernel counts it. */
async function readMegabytes(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024;
}
