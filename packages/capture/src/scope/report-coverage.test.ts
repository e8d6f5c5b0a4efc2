import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { removeCapture, reportCoverage } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;

beforeEach(async () => void (bench = await openCaptureBench()));
afterEach(() => bench.close());

async function judge(table: string) {
  const tables = await reportCoverage(bench.postgres, bench.names);
  return tables.find((one) => one.table === table);
}

it('answers captured for new tables of any shape, and partitions under their root', async () => {
  await bench.query('create table keyed (id int primary key)');
  await bench.query('create table keyless (id int)');
  await bench.query('create table parted (id int primary key) partition by range (id)');
  await bench.query('create table parted_low partition of parted for values from (0) to (10)');
  for (const table of ['public.keyed', 'public.keyless', 'public.parted'])
    expect(await judge(table)).toEqual({ table, state: 'captured' });
  expect(await judge('public.parted_low')).toBeUndefined();
});

it('says why a table is left out on purpose', async () => {
  expect(await judge('infratraq.capture_position')).toMatchObject({
    state: 'excluded',
    reason: expect.stringContaining('bookkeeping'),
  });
});

it.each([
  ['alter table rows replica identity using index rows_pkey', 'without the row before'],
  ['alter table rows replica identity nothing', 'updates and deletes fail'],
  ['alter table rows set unlogged', 'unlogged'],
])('finds what breaks a table: %s', async (statement, reason) => {
  await bench.query('create table rows (id int primary key)');
  // Capture's own event trigger would mend what it can.
  await bench.query(`set event_triggers = off; ${statement}; reset event_triggers`);
  expect(await judge('public.rows')).toMatchObject({
    state: 'broken',
    reason: expect.stringContaining(reason),
  });
});

it('finds a publication that leaves something out, and one that is gone', async () => {
  const { publication } = bench.names;
  await bench.query('create table rows (id int primary key)');
  await bench.query(`alter publication ${publication} set (publish = 'insert')`);
  expect((await judge('public.rows'))?.reason).toContain('leaves out operations');
  await bench.query(`drop publication ${publication}`);
  await bench.query(`create publication ${publication} for table rows where (id > 1)`);
  expect((await judge('public.rows'))?.reason).toContain('leaves out operations');
  await bench.query('create table later (id int primary key)');
  await bench.query(`alter publication ${publication} drop table later`);
  expect((await judge('public.later'))?.reason).toContain('in no publication');
});

it('finds that there is no slot', async () => {
  await bench.query('create table rows (id int primary key)');
  await removeCapture(bench.postgres, bench.names);
  await bench.query(`create publication ${bench.names.publication} for all tables`);
  expect((await judge('public.rows'))?.reason).toContain('no replication slot');
});
