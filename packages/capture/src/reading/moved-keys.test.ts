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

it('ends one row and begins another when a key changes', async () => {
  await bench.query(`create table lots (id int primary key, name text);
    insert into lots values (1, 'a'); update lots set id = 10, name = 'b' where id = 1; update lots set name = 'c'`);
  const [, removal, insert, update] = await read('lots');
  expect(removal).toMatchObject({
    operation: 'DELETE',
    entity_id: '1',
    moved_to: '10',
    old_value: { id: 1, name: 'a' },
    new_value: null,
    changed_fields: ['id', 'name'],
  });
  expect(insert).toMatchObject({
    operation: 'INSERT',
    entity_id: '10',
    moved_from: '1',
    old_value: null,
    new_value: { id: 10, name: 'b' },
    changed_fields: ['id', 'name'],
    position: removal!.position + 1,
    transaction_id: removal!.transaction_id,
  });
  expect(update).toMatchObject({ operation: 'UPDATE', entity_id: '10', changed_fields: ['name'] });
  expect(update).not.toHaveProperty('moved_from');
});

it('keeps rows apart that swap their deferrable keys, or move along all at once', async () => {
  await bench.query(`create table kv (id int primary key deferrable initially deferred, v text);
    insert into kv values (1, 'one'), (2, 'two'); update kv set id = 3 - id; update kv set id = id + 1`);
  const changes = (await read('kv')).slice(2);
  expect(
    changes.map(({ operation, entity_id, moved_to, moved_from, old_value, new_value }) => [
      operation,
      entity_id,
      moved_to ?? moved_from,
      (old_value ?? new_value)!['v'],
    ]),
  ).toEqual([
    ['DELETE', '1', '2', 'one'],
    ['INSERT', '2', '1', 'one'],
    ['DELETE', '2', '1', 'two'],
    ['INSERT', '1', '2', 'two'],
    ['DELETE', '2', '3', 'one'],
    ['INSERT', '3', '2', 'one'],
    ['DELETE', '1', '2', 'two'],
    ['INSERT', '2', '1', 'two'],
  ]);
});

it('tells composite keys that change in part, and leaves alone those that are set to what they were', async () => {
  await bench.query(`create table seats (row_name text, number int, guest text, primary key (row_name, number));
    insert into seats values ('A', 1, 'x'); update seats set number = 1, guest = 'y'; update seats set number = 2`);
  expect(
    (await read('seats')).map(({ operation, entity_id, moved_to, moved_from }) => [
      operation,
      entity_id,
      moved_to ?? moved_from,
    ]),
  ).toEqual([
    ['INSERT', '["A","1"]', undefined],
    ['UPDATE', '["A","1"]', undefined],
    ['DELETE', '["A","1"]', '["A","2"]'],
    ['INSERT', '["A","2"]', '["A","1"]'],
  ]);
});

it('moves a row whose identity is its key alone, with what the log holds of it', async () => {
  await bench.query(`set event_triggers = off;
    create table deeds (id int primary key, scan text, title text); alter table deeds alter scan set storage external;
    reset event_triggers`);
  await bench.query(
    `insert into deeds values (1, repeat('long ', 20000), 'a'); update deeds set id = 2, title = 'b'`,
  );
  const [, removal, insert] = await read('deeds');
  expect(removal).toMatchObject({ operation: 'DELETE', entity_id: '1', moved_to: '2', old_value: { id: 1 } });
  expect(insert).toMatchObject({
    operation: 'INSERT',
    entity_id: '2',
    moved_from: '1',
    new_value: { id: 2, title: 'b' },
    unchanged_fields: ['scan'],
  });
});

it('calls a row by its key also where that is the text of a whole table', async () => {
  await bench.query(`create table wild (id text primary key); insert into wild values ('*'), ('x');
    delete from wild where id = '*'; truncate wild`);
  expect(
    (await read('wild')).map(({ operation, entity_id, whole_table }) => [operation, entity_id, whole_table]),
  ).toEqual([
    ['INSERT', '*', undefined],
    ['INSERT', 'x', undefined],
    ['DELETE', '*', undefined],
    ['TRUNCATE', '*', true],
  ]);
});

it('names a table with its schema so that no two share a name', async () => {
  await bench.query(`create schema cx; create table cx.t (id int primary key); create table "cx.t" (id int primary key);
    insert into cx.t values (1); insert into "cx.t" values (2)`);
  expect(await read('cx.t')).toMatchObject([{ new_value: { id: 1 }, schema_name: 'cx', table_name: 't' }]);
  expect(await read('"cx.t"')).toMatchObject([
    { new_value: { id: 2 }, schema_name: 'public', table_name: 'cx.t' },
  ]);
});
