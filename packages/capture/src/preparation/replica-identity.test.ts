import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { includeTable, planCapture, prepareCapture, reportCoverage, type Capture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let capture: Capture;

beforeAll(async () => {
  bench = await openCaptureBench();
  capture = await bench.startCapture();
});
afterEach(async () => {
  await bench.query('drop publication if exists others');
});
afterAll(() => bench.close());

const stateOf = async (table: string) =>
  (await reportCoverage(bench.postgres, bench.names)).find((one) => one.table === `public.${table}`);
const read = async (table: string) => {
  await bench.catchUp(capture);
  return bench.readChanges(table);
};
const virtual = 'doubled int generated always as (side * 2) virtual';
const stored = 'doubled int generated always as (side * 2) stored';

/** What a table is like, what becomes of it, and how it is captured then: with whole rows, with keys, or not at all. */
const cases: [name: string, statements: string, kept: 'whole' | 'keys' | 'left out'][] = [
  [
    'gains a virtual column',
    `create table t (id int primary key, side int); alter table t add ${virtual}`,
    'keys',
  ],
  ['has a virtual column and no key', `create table t (id int, side int, ${virtual})`, 'left out'],
  [
    'gains a virtual column without a key',
    `create table t (id int, side int); alter table t add ${virtual}`,
    'left out',
  ],
  [
    'gains a virtual column and has a unique index',
    `create table t (id int not null unique, side int); alter table t add ${virtual}`,
    'keys',
  ],
  [
    'has indexes none of which tells its rows apart',
    `create table t (id int unique, side int, other int not null default 0 unique deferrable, ${virtual});
     create unique index on t (other) where side > 0; create unique index on t ((other + 1))`,
    'left out',
  ],
  [
    'has a deferrable key',
    `create table t (id int primary key deferrable, side int, ${virtual})`,
    'left out',
  ],
  [
    'loses its key with a virtual column',
    `create table t (id int primary key, side int, ${virtual}); alter table t drop constraint t_pkey`,
    'left out',
  ],
  [
    'loses its virtual column',
    `create table t (id int primary key, side int, ${virtual}); alter table t drop doubled`,
    'whole',
  ],
  [
    'loses the index that is its identity',
    `create table t (id int not null, side int); create unique index t_id on t (id);
     alter table t replica identity using index t_id; drop index t_id`,
    'whole',
  ],
  [
    'is told to have no identity',
    'create table t (id int primary key, side int); alter table t replica identity nothing',
    'whole',
  ],
  [
    'inherits a virtual column',
    `create table t_parent (id int, side int); create table t (primary key (id)) inherits (t_parent);
     alter table t_parent add ${virtual}`,
    'keys',
  ],
  ['was unlogged', 'create unlogged table t (id int, side int); alter table t set logged', 'whole'],
  [
    'is published with some columns by others',
    'create table t (id int primary key, side int, more int); create publication others for table t (id, side)',
    'keys',
  ],
  [
    'is published by others without its generated columns',
    `create table t (id int primary key, side int, ${stored}); create publication others for all tables`,
    'keys',
  ],
  [
    'is published with some rows by others',
    'create table t (id int primary key, side int); create publication others for table t where (side > 0)',
    'whole',
  ],
];

it.each(cases)('breaks no writer of a table that %s', async (_, statements, kept) => {
  const table = `t_${crypto.randomUUID().slice(0, 8)}`;
  await bench.query(statements.replaceAll(/\bt(?=\b|_)/g, table));
  await bench.query(`insert into ${table} (id, side) values (1, 3); update ${table} set side = 4`);
  await bench.query(`delete from ${table}`);
  const changes = await read(table);
  // One that is taken into a list of tables begins with a gap.
  const [insert, update, removal] = changes.filter(({ operation }) => operation !== 'GAP');
  expect(await stateOf(table)).toMatchObject({ state: kept === 'left out' ? 'excluded' : 'captured' });
  if (kept === 'left out') {
    expect(changes.map(({ operation }) => operation).filter((one) => one !== 'ALTER')).toEqual(['GAP']);
    return;
  }
  expect(insert!.new_value).toMatchObject({ id: 1, side: 3 });
  expect(update!.new_value).toMatchObject({ id: 1, side: 4 });
  if (kept === 'keys') expect(removal!.old_value).toEqual({ id: 1 });
  else expect(removal!.old_value).toMatchObject({ id: 1, side: 4 });
  expect((await planCapture(bench.postgres, bench.names)).steps).toEqual([]);
});

it('breaks no writer of a partition that gains a virtual column with its root', async () => {
  await bench.query(`create table zones (id int primary key, side int) partition by range (id);
    create table zones_low partition of zones for values from (0) to (10)`);
  await bench.query(`alter table zones add ${virtual}`);
  await bench.query(
    'insert into zones (id, side) values (1, 3); update zones set side = 4; delete from zones',
  );
  const [, update, removal] = await read('zones');
  expect(update!.new_value).toEqual({ id: 1, side: 4 });
  expect(removal!.old_value).toEqual({ id: 1 });
});

it('leaves one table out and no other, says how to take it in, and takes it in then', async () => {
  await bench.query(`create table neighbours (id int primary key); create table plots (id int, side int)`);
  await bench.query(`insert into plots values (1, 1)`);
  await bench.query(`alter table plots add ${virtual}`);
  await bench.query(`update plots set side = 2; insert into neighbours values (1)`);
  await bench.query(`create table latecomers (id int primary key); insert into latecomers values (1)`);
  expect(await read('neighbours')).toMatchObject([{ operation: 'INSERT' }]);
  expect(await read('latecomers')).toMatchObject([{ operation: 'INSERT' }]);
  expect((await stateOf('plots'))?.reason).toContain('add a primary key');
  await includeTable(bench.postgres, 'plots', bench.names);
  expect((await stateOf('plots'))?.state).toBe('excluded');
  await bench.query('alter table plots add primary key (id)');
  await includeTable(bench.postgres, 'plots', bench.names);
  expect(await stateOf('plots')).toMatchObject({ state: 'captured' });
  await bench.query('update plots set side = 3');
  const changes = await read('plots');
  expect(changes.map(({ operation }) => operation)).toEqual(['INSERT', 'GAP', 'GAP', 'UPDATE']);
});

it('leaves a table out of a schema that is published as a whole, and goes on with the others', async () => {
  const names = { ...bench.names, publication: 'yards_changes', scope: { schemas: ['yards'] } };
  await bench.query('create schema yards; create table yards.kept (id int primary key)');
  await prepareCapture(bench.postgres, names);
  await bench.query(`create table yards.odd (id int, side int, ${virtual}); insert into yards.odd values (1, 1);
    update yards.odd set side = 2`);
  const published = await bench.query(
    `select tablename from pg_publication_tables where pubname = 'yards_changes'`,
  );
  expect(published).toEqual([{ tablename: 'kept' }]);
  await bench.query(`drop publication yards_changes; drop schema yards cascade;
    delete from infratraq.capture_publication where publication = 'yards_changes'`);
});

it('prepares a database whose tables have such columns already, and breaks no writer', async () => {
  await bench.query(`set event_triggers = off; create table early (id int, side int, ${virtual});
    create table early_keyed (id int not null unique, side int, ${virtual}); reset event_triggers`);
  await prepareCapture(bench.postgres, bench.names);
  await bench.query(`insert into early values (1, 1); update early set side = 2;
    insert into early_keyed values (1, 1); update early_keyed set side = 2`);
  expect(await stateOf('early')).toMatchObject({ state: 'excluded' });
  expect(await stateOf('early_keyed')).toMatchObject({ state: 'captured' });
});
