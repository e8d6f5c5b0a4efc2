import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Capture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let capture: Capture;

beforeAll(async () => {
  bench = await openCaptureBench();
  capture = await bench.startCapture();
});
afterAll(() => bench.close());

const read = async (entityType: string) => {
  await bench.catchUp(capture);
  return bench.readChanges(entityType);
};
const newValues = async (entityType: string) => (await read(entityType)).map(({ new_value }) => new_value);

it('follows a table that one large transaction alters between its rows', async () => {
  await bench.query(`create table logs (id int primary key, level int)`);
  // Larger than what PostgreSQL decodes in memory, so that the transaction comes from its disk.
  const fill = (from: number, to: number, columns: string) =>
    `insert into logs select i, ${columns} from generate_series(${from}, ${to}) i`;
  await bench.query(`set logical_decoding_work_mem = '64kB'; begin;
    ${fill(1, 3000, 'i % 5')}; alter table logs add note text default 'none', alter level type text using 'L' || level;
    ${fill(3001, 6000, `'L9', repeat('n', 100)`)}; update logs set level = 'L7' where id = 2;
    alter table logs drop note; insert into logs values (6001, 'last');
    alter table logs rename level to severity; update logs set severity = 'renamed' where id = 6001;
    create table made_within (id int primary key); insert into made_within values (1); drop table made_within;
    commit; reset logical_decoding_work_mem`);
  const all = await read('logs');
  const changes = all.filter(({ whole_table }) => !whole_table);
  expect(changes).toHaveLength(6003);
  expect(all.filter(({ whole_table }) => whole_table).map(({ operation }) => operation)).toEqual([
    'ALTER',
    'ALTER',
    'ALTER',
  ]);
  expect(changes[1]!.new_value).toEqual({ id: 2, level: 2 });
  expect(changes[3000]!.new_value).toEqual({ id: 3001, level: 'L9', note: 'n'.repeat(100) });
  expect(changes.slice(6000)).toMatchObject([
    { old_value: { id: 2, level: 'L2', note: 'none' }, new_value: { id: 2, level: 'L7', note: 'none' } },
    { new_value: { id: 6001, level: 'last' } },
    {
      old_value: { id: 6001, severity: 'last' },
      new_value: { id: 6001, severity: 'renamed' },
      changed_fields: ['severity'],
    },
  ]);
  expect(new Set(all.map(({ transaction_id }) => transaction_id)).size).toBe(1);
});

it('tells every table that a TRUNCATE empties, also those that only a foreign key names', async () => {
  await bench.query(`create table parents (id int primary key);
    create table children (id int primary key, parent int references parents);
    create table strangers (id int primary key);
    insert into parents values (1); insert into children values (1, 1); insert into strangers values (1)`);
  await bench.query(`begin; truncate parents, strangers cascade; insert into parents values (2); commit`);
  const operations = async (table: string) => (await read(table)).map(({ operation }) => operation);
  expect(await operations('parents')).toEqual(['INSERT', 'TRUNCATE', 'INSERT']);
  expect(await operations('children')).toEqual(['INSERT', 'TRUNCATE']);
  expect(await operations('strangers')).toEqual(['INSERT', 'TRUNCATE']);
});

it('follows partitions that are attached, detached and left by their rows', async () => {
  const bounds = (from: number, to: number) => `for values from (${from}) to (${to})`;
  await bench.query(`create table meters (id int, zone int, value text, primary key (id, zone)) partition by range (zone);
    create table meters_low partition of meters ${bounds(0, 10)};
    create table meters_high (value text, zone int not null, id int not null, primary key (id, zone))`);
  await bench.query(`insert into meters values (1, 1, 'a'); insert into meters_high values ('b', 11, 2)`);
  await bench.query(`alter table meters attach partition public.meters_high ${bounds(10, 20)}`);
  // Columns in another order than their root's; then a row that moves from one partition to another.
  await bench.query(`update meters set value = 'c' where id = 2; update meters set zone = 12 where id = 1`);
  await bench.query(
    `alter table meters detach partition public.meters_low; insert into meters_low values (3, 3, 'd')`,
  );
  await bench.query(`update meters set value = 'e' where id = 1; truncate meters_high`);
  const described = (await read('meters')).map(({ operation, entity_id, new_value }) => [
    operation,
    entity_id,
    new_value,
  ]);
  expect(described).toEqual([
    ['INSERT', '["1","1"]', { id: 1, zone: 1, value: 'a' }],
    [
      'GAP',
      '*',
      {
        reason:
          'partition public.meters_high was attached: its rows are known from their next change on, or from a snapshot',
      },
    ],
    ['UPDATE', '["2","11"]', { id: 2, zone: 11, value: 'c' }],
    ['DELETE', '["1","1"]', null],
    ['INSERT', '["1","12"]', { id: 1, zone: 12, value: 'a' }],
    ['GAP', '*', { reason: 'partition public.meters_low was detached' }],
    ['UPDATE', '["1","12"]', { id: 1, zone: 12, value: 'e' }],
    ['GAP', '*', { reason: 'partition public.meters_high was emptied' }],
  ]);
  expect(await newValues('meters_high')).toEqual([
    { value: 'b', zone: 11, id: 2 },
    { reason: 'is a partition of public.meters from here on, which its changes are told under' },
  ]);
  expect(await newValues('meters_low')).toEqual([{ id: 3, zone: 3, value: 'd' }]);
});

it('tells a gap in a table whose partition is dropped, and tables that are dropped whole', async () => {
  await bench.query(`create table plots (id int primary key) partition by range (id);
    create table plots_low partition of plots for values from (0) to (10);
    create table plots_high partition of plots for values from (10) to (20);
    insert into plots values (1), (11);
    create schema yard; create table yard.cranes (id int primary key); insert into yard.cranes values (1)`);
  // The key of a table that is gone before it was ever looked up can't be known.
  await read('yard.cranes');
  await bench.query('drop table plots_low');
  await bench.query('begin; drop table plots; rollback');
  await bench.query('update plots set id = 12');
  await bench.query('drop table plots; drop schema yard cascade');
  const described = async (table: string) =>
    (await read(table)).map(({ operation, entity_id, new_value }) => [operation, entity_id, new_value]);
  expect(await described('plots')).toEqual([
    ['INSERT', '1', { id: 1 }],
    ['INSERT', '11', { id: 11 }],
    ['GAP', '*', { reason: 'partition public.plots_low was dropped' }],
    ['DELETE', '11', null],
    ['INSERT', '12', { id: 12 }],
    ['DROP', '*', null],
  ]);
  expect(await described('yard.cranes')).toEqual([
    ['INSERT', '1', { id: 1 }],
    ['DROP', '*', null],
  ]);
});

it('takes a replica identity that changes while it runs, large values that are left alone included', async () => {
  await bench.query(`create table deeds (id int primary key, code text not null unique, title text, scan text);
    alter table deeds alter scan set storage external`);
  const scan = 'scan '.repeat(20_000);
  await bench.query(`insert into deeds values (1, 'A', 'a', repeat('scan ', 20000))`);
  const retitle = (title: string, identity: string) =>
    // Capture's own trigger would make every identity the full one.
    bench.query(`set event_triggers = off; alter table deeds replica identity ${identity}; reset event_triggers;
      update deeds set title = '${title}'`);
  await retitle('b', 'full');
  await retitle('c', 'default');
  await retitle('d', 'using index deeds_code_key');
  await retitle('e', 'full');
  const [, full, byKey, gap, byIndex, fullAgain] = await read('deeds');
  expect(full!.new_value).toEqual({ id: 1, code: 'A', title: 'b', scan });
  expect(full!.changed_fields).toEqual(['title']);
  // Whose key an update by another index may have changed is not in the log.
  expect(gap).toMatchObject({
    operation: 'GAP',
    new_value: { reason: expect.stringContaining('key before') },
  });
  for (const [change, title] of [
    [byKey, 'c'],
    [byIndex, 'd'],
  ] as const) {
    expect(change).toMatchObject({ entity_id: '1', old_value: null, unchanged_fields: ['scan'] });
    expect(change!.new_value).toEqual({ id: 1, code: 'A', title });
  }
  expect(fullAgain!.new_value).toEqual({ id: 1, code: 'A', title: 'e', scan });
  expect(fullAgain!.old_value).toEqual({ id: 1, code: 'A', title: 'd', scan });
});

it('takes enums with values that are added and renamed, and columns whose type becomes another', async () => {
  await bench.query(`create type phase as enum ('plan'); create domain phases as phase[];
    create table stages (id int primary key, phase phase, phases phases);
    insert into stages values (1, 'plan', '{plan}')`);
  await read('stages');
  await bench.query(`alter type phase add value 'build' after 'plan'`);
  await bench.query(`update stages set phase = 'build', phases = '{plan,build}'`);
  await bench.query(`alter type phase rename value 'build' to 'construct'`);
  await bench.query(`update stages set id = 2`);
  await bench.query(
    `alter table stages alter phase type text, alter phases type text[] using phases::text[]`,
  );
  await bench.query(`update stages set phase = 'anything', phases = '{x,NULL}'`);
  expect(await newValues('stages')).toEqual([
    { id: 1, phase: 'plan', phases: ['plan'] },
    { id: 1, phase: 'build', phases: ['plan', 'build'] },
    { reason: 'has values of a type that was altered', types_altered: true, columns: ['phase', 'phases'] },
    null,
    { id: 2, phase: 'construct', phases: ['plan', 'construct'] },
    {
      columns: [{ name: 'id' }, { name: 'phase', unknown: true }, { name: 'phases', unknown: true }],
      dropped: [],
    },
    { id: 2, phase: 'anything', phases: ['x', null] },
  ]);
});

it('tells rows without a key apart by all of their values, be they alike, null or large', async () => {
  await bench.query(`create table marks (label text, big text, n numeric);
    alter table marks alter big set storage external;
    insert into marks values ('a', repeat('x', 10000), 'NaN'), ('a', repeat('x', 10000), 'NaN'), (null, null, null)`);
  await bench.query(`update marks set label = 'b' where ctid = (select min(ctid) from marks)`);
  await bench.query(`delete from marks`);
  const changes = await read('marks');
  const [first, twin, empty, update, ...removals] = changes;
  expect(first!.entity_id).toBe(twin!.entity_id);
  expect(update).toMatchObject({ entity_id: first!.entity_id, changed_fields: ['label'] });
  expect(update!.new_value).toEqual({ ...first!.new_value, label: 'b' });
  expect(removals.map(({ old_value }) => old_value)).toEqual(
    expect.arrayContaining([update!.new_value, twin!.new_value, empty!.new_value]),
  );
});
