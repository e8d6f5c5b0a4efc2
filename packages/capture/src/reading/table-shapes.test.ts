import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
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

/** Makes a table with another identity than the full one, which tables get by themselves. */
const create = (table: string, identity: string) =>
  bench.query(`set event_triggers = off; ${table}; ${identity}; reset event_triggers`);

it('names large values that the log lacks, instead of passing them off as missing', async () => {
  await create(
    `create table plans (id int primary key, body text, title text); alter table plans alter body set storage external`,
    'alter table plans replica identity default',
  );
  await bench.query(`insert into plans values (1, repeat('long ', 20000), 'a')`);
  await bench.query(`update plans set title = 'b'`);
  await bench.query(`update plans set id = 2`);
  await bench.query(`delete from plans`);
  const [, update, , moved, removal] = await read('plans');
  expect(update).toMatchObject({
    entity_id: '1',
    old_value: null,
    changed_fields: [],
    uncertain_fields: ['title'],
    unchanged_fields: ['body'],
  });
  expect(update!.new_value).toEqual({ id: 1, title: 'b' });
  expect(moved).toMatchObject({ entity_id: '2', moved_from: '1', unchanged_fields: ['body'] });
  expect(moved!.new_value).toEqual({ id: 2, title: 'b' });
  expect(removal!.old_value).toEqual({ id: 2 });
});

it('names a row by its key where the identity is another index, as long as the log tells the key', async () => {
  await create(
    'create table badges (id int primary key, code text not null unique, holder text)',
    'alter table badges replica identity using index badges_code_key',
  );
  await bench.query(
    `insert into badges values (1, 'A', 'x'); update badges set code = 'B'; delete from badges`,
  );
  const [, gap, update, deletionGap, removal] = await read('badges');
  for (const one of [gap, deletionGap])
    expect(one).toMatchObject({
      operation: 'GAP',
      new_value: { reason: expect.stringContaining('key before') },
    });
  expect(update).toMatchObject({
    entity_id: '1',
    old_value: { code: 'A' },
    new_value: { id: 1, code: 'B', holder: 'x' },
    changed_fields: ['code'],
    uncertain_fields: ['id', 'holder'],
  });
  expect(removal!.old_value).toEqual({ code: 'B' });
  expect(removal!.unknown_fields).toEqual(['id', 'holder']);
  expect(removal!.entity_id).toMatch(/^row:[0-9a-f]{32}$/);
});

it('captures stored generated columns before and after', async () => {
  await bench.query(
    `create table boxes (id int primary key, side int, area int generated always as (side * side) stored)`,
  );
  await bench.query(`insert into boxes values (1, 3); update boxes set side = 4`);
  const [, update] = await read('boxes');
  expect(update!.old_value).toEqual({ id: 1, side: 3, area: 9 });
  expect(update!.new_value).toEqual({ id: 1, side: 4, area: 16 });
  expect(update!.changed_fields).toEqual(['side', 'area']);
});

it('leaves virtual generated columns out, and tables that have or gain them writable', async () => {
  const virtual = 'double_side int generated always as (side * 2) virtual';
  await bench.query(
    `create table tiles (id int primary key, side int, ${virtual}); create table panes (id int primary key, side int)`,
  );
  await bench.query(`alter table panes add ${virtual}`);
  for (const table of ['tiles', 'panes']) {
    await bench.query(
      `insert into ${table} values (1, 3); update ${table} set side = 4; delete from ${table}`,
    );
    const [insert, update, removal] = await read(table);
    expect(insert!.new_value).toEqual({ id: 1, side: 3 });
    expect(update).toMatchObject({ entity_id: '1', old_value: null, new_value: { id: 1, side: 4 } });
    expect(removal!.old_value).toEqual({ id: 1 });
  }
});

it('keeps column names as they are, and puts an underscore after the two that documents reserve', async () => {
  const names = ['a.b', '$set', '$', '.', ' ', 'Ünï "c"', 'constructor', '_id', '__proto__', '_bsontype'];
  const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
  await bench.query(`create table odd_names (${quoted.map((name) => `${name} int`).join(', ')})`);
  await bench.query(`insert into odd_names values (${names.map((_, index) => index).join(', ')})`);
  await bench.query(`update odd_names set "_bsontype" = 99, "a.b" = 98`);
  const [insert, update] = await read('odd_names');
  const stored = names.map((name) => (name.startsWith('__') || name === '_bsontype' ? `${name}_` : name));
  expect(insert!.new_value).toEqual(Object.fromEntries(stored.map((name, index) => [name, index])));
  expect(insert!.changed_fields).toEqual(stored);
  expect(update!.changed_fields).toEqual(['a.b', '_bsontype_']);
});

it('captures as many columns as a table can have, and a table with none', async () => {
  const columns = Array.from({ length: 1600 }, (_, index) => `c${index} bool`);
  await bench.query(`create table widest (${columns.join(', ')}); create table narrowest ()`);
  await bench.query(
    `insert into widest (c0, c1599) values (true, false); insert into narrowest default values`,
  );
  const [insert] = await read('widest');
  expect(Object.keys(insert!.new_value!)).toHaveLength(1600);
  expect(insert!.new_value).toMatchObject({ c0: true, c1: null, c1599: false });
  expect(await read('narrowest')).toMatchObject([{ operation: 'INSERT', new_value: {}, changed_fields: [] }]);
});

it('reads composites by their type at the change, also when it has changed since', async () => {
  await bench.query(
    'create type size as (width int, height int); create table crates (id int primary key, size size)',
  );
  await bench.query(`insert into crates values (1, '(1,2)')`);
  await read('crates');
  await capture.stop();
  await bench.query(`insert into crates values (2, '(3,4)')`);
  await bench.query('alter type size drop attribute width, add attribute weight text');
  await bench.query(`insert into crates values (3, '(5,heavy)')`);
  capture = await bench.startCapture();
  const changes = await read('crates');
  expect(changes.map(({ new_value }) => new_value!['size'])).toEqual([
    { width: 1, height: 2 },
    { width: 3, height: 4 },
    // What was there by then shows other columns.
    undefined,
    { height: 5, weight: 'heavy' },
  ]);
});

it('reads values of types that are altered or dropped before their changes are read', async () => {
  await bench.query(`create type mood as enum ('good'); create domain cost as numeric(8, 2);
    create table days (id int primary key, mood mood, cost cost, costs cost[])`);
  await capture.stop();
  await bench.query(`insert into days values (1, 'good', 1.50, '{2.50}')`);
  await bench.query(`alter type mood rename value 'good' to 'fine'; alter type mood rename to feeling`);
  await bench.query(`update days set cost = 3.50`);
  await bench.query(
    'drop type feeling cascade; drop domain cost cascade; update days set id = 2; drop table days',
  );
  capture = await bench.startCapture();
  const changes = await read('days');
  const decimal = (text: string) => mongo.Decimal128.fromString(text);
  expect(changes.map(({ operation, new_value }) => [operation, new_value])).toEqual([
    ['INSERT', { id: 1, mood: 'good', cost: decimal('1.50'), costs: [decimal('2.50')] }],
    ['GAP', { reason: 'has values of a type that was altered', types_altered: true, columns: ['mood'] }],
    ['UPDATE', { id: 1, mood: 'fine', cost: decimal('3.50'), costs: [decimal('2.50')] }],
    ['ALTER', { columns: [{ name: 'id' }, { name: 'cost' }, { name: 'costs' }], dropped: ['mood'] }],
    ['ALTER', { columns: [{ name: 'id' }], dropped: ['cost', 'costs'] }],
    ['DELETE', null],
    ['INSERT', { id: 2 }],
    ['DROP', null],
  ]);
});

it('learns a composite type anew when its columns change in mid-stream', async () => {
  await bench.query('create type pair as (a int, b int); create table pairs (id int, pair pair)');
  await bench.query(`insert into pairs values (1, '(1,2)')`);
  await read('pairs');
  await bench.query('alter type pair add attribute c int');
  await bench.query(`insert into pairs values (2, '(1,2,3)')`);
  await bench.query(`insert into pairs values (3, '(1,2,3)')`);
  const changes = await read('pairs');
  expect(changes.map(({ new_value }) => new_value!['pair'])).toEqual([
    { a: 1, b: 2 },
    undefined,
    { a: 1, b: 2, c: 3 },
    { a: 1, b: 2, c: 3 },
  ]);
});
