import { eventually } from '@infratraq/engines';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runAsActor } from '@infratraq/kernel';
import { sql } from 'kysely';
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

it('records insert, update and delete by any client with the row before and after', async () => {
  await bench.query('create table projects (project_id int primary key, name text, budget numeric(12,2))');
  await bench.query(`insert into projects values (7, 'Bridge', 100.50)`);
  await bench.query(`update projects set name = 'Long bridge' where project_id = 7`);
  await bench.query('delete from projects where project_id = 7');
  const changes = await read('projects');
  expect(
    changes.map(({ operation, entity_id, changed_fields }) => ({ operation, entity_id, changed_fields })),
  ).toEqual([
    { operation: 'INSERT', entity_id: '7', changed_fields: ['project_id', 'name', 'budget'] },
    { operation: 'UPDATE', entity_id: '7', changed_fields: ['name'] },
    { operation: 'DELETE', entity_id: '7', changed_fields: ['project_id', 'name', 'budget'] },
  ]);
  expect(changes.map(({ old_value }) => old_value?.['name'] ?? null)).toEqual([
    null,
    'Bridge',
    'Long bridge',
  ]);
  expect(changes.map(({ new_value }) => new_value?.['name'] ?? null)).toEqual([
    'Bridge',
    'Long bridge',
    null,
  ]);
  expect(Object.keys(changes[0]!.new_value!)).toEqual(['project_id', 'name', 'budget']);
  expect(String(changes[0]!.new_value!['budget'])).toBe('100.50');
});

it('attributes changes to the actor, and those of plain SQL to the database user', async () => {
  await bench.query('create table contracts (contract_id int primary key)');
  await runAsActor(
    {
      user_id: 'u-7',
      roles: [],
      ip_address: '10.1.2.3',
      session_id: 's-1',
      cause_id: 'c-1',
      reason: 'signed',
    },
    () =>
      bench.postgres.transaction((transaction) =>
        sql`insert into contracts values (1), (2)`.execute(transaction),
      ),
  );
  await bench.query('insert into contracts values (3)');
  const [first, second, third] = await read('contracts');
  const attribution = {
    changed_by: 'u-7',
    ip_address: '10.1.2.3',
    session_id: 's-1',
    cause_id: 'c-1',
    reason: 'signed',
  };
  expect(first).toMatchObject({ ...attribution, source: 'application', position: 0 });
  expect(second).toMatchObject({
    ...attribution,
    transaction_id: first!.transaction_id,
    lsn: first!.lsn,
    position: 1,
  });
  expect(third).toMatchObject({ changed_by: 'postgres', source: 'direct_sql' });
  expect(third).not.toHaveProperty('cause_id');
});

it('takes the actor from the SQL function that other languages call', async () => {
  await bench.query('create table assets (asset_id int primary key)');
  await bench.query(
    `begin; select infratraq.set_actor('u-python', reason => 'import'); insert into assets values (1); commit`,
  );
  expect(await read('assets')).toMatchObject([
    { changed_by: 'u-python', reason: 'import', source: 'application' },
  ]);
});

it('is not impressed by a logical message that is no actor', async () => {
  await bench.query('create table forged (id int primary key)');
  const messages = [
    `true, 'infratraq.actor', '{"user_id": 5'`,
    `true, 'infratraq.actor', '{"user_id": ""}'`,
    `true, 'another.actor', '{"user_id": "u-1"}'`,
    `false, 'infratraq.actor', '{"user_id": "u-1"}'`,
  ];
  for (const [id, message] of messages.entries())
    await bench.query(
      `begin; select pg_logical_emit_message(${message}); insert into forged values (${id}); commit`,
    );
  const nobody = { changed_by: 'postgres', source: 'direct_sql' };
  expect(await read('forged')).toMatchObject(messages.map(() => nobody));
});

it('never shows what was rolled back, savepoints included', async () => {
  await bench.query('create table attempts (id int primary key)');
  await bench.query('begin; insert into attempts values (1); rollback');
  await bench.query(
    'begin; insert into attempts values (2); savepoint s; insert into attempts values (3); rollback to s; insert into attempts values (4); commit',
  );
  const changes = await read('attempts');
  expect(changes.map(({ entity_id, position }) => [entity_id, position])).toEqual([
    ['2', 0],
    ['4', 1],
  ]);
});

it('names rows without a key by their content, rows with several key columns by all of them, truncation by a star', async () => {
  await bench.query(
    'create table notes (body text); create table parts (a int, b text, c int, primary key (b, a))',
  );
  await bench.query(`insert into notes values ('x'), ('y'), (null)`);
  await bench.query(`update notes set body = 'z' where body = 'x'`);
  await bench.query(`insert into parts values (1, 'k', 5); truncate parts`);
  const [x, y, none, update] = await read('notes');
  expect(new Set([x, y, none].map((change) => change!.entity_id)).size).toBe(3);
  expect(update).toMatchObject({
    entity_id: x!.entity_id,
    old_value: { body: 'x' },
    new_value: { body: 'z' },
  });
  expect(await read('parts')).toMatchObject([
    { entity_id: '["k","1"]', operation: 'INSERT' },
    { entity_id: '*', operation: 'TRUNCATE', old_value: null, new_value: null, changed_fields: [] },
  ]);
});

it('fills unchanged TOAST values in from the row before', async () => {
  await bench.query('create table documents (id int primary key, body text, title text)');
  await bench.query(`alter table documents alter body set storage external`);
  await bench.query(`insert into documents values (1, repeat('long ', 20000), 'a')`);
  await bench.query(`update documents set title = 'b'`);
  const [, update] = await read('documents');
  expect(update!.new_value).toEqual({ id: 1, body: 'long '.repeat(20000), title: 'b' });
  expect(update!.changed_fields).toEqual(['title']);
});

it('captures tables however they are made, under their root where partitioned, and never makes the making fail', async () => {
  await bench.query(`create table copied as select 1 as id`);
  await bench.query(`select 2 as id into selected`);
  await bench.query(`create schema plant create table pumps (id int primary key)`);
  await bench.query(
    `create temp table scratch (id int); create unlogged table fleeting (id int); update fleeting set id = 1`,
  );
  await bench.query(`create table readings (at date, value int, primary key (at)) partition by range (at)`);
  await bench.query(
    `create table readings_2026 partition of readings for values from ('2026-01-01') to ('2027-01-01')`,
  );
  await bench.query(
    `update copied set id = 10; update selected set id = 20; insert into plant.pumps values (1)`,
  );
  await bench.query(`insert into readings values ('2026-05-01', 1); update readings set value = 2`);
  expect(await read('copied')).toMatchObject([
    { operation: 'INSERT' },
    { old_value: { id: 1 }, new_value: { id: 10 } },
  ]);
  expect(await read('selected')).toMatchObject([
    { operation: 'INSERT' },
    { old_value: { id: 2 }, new_value: { id: 20 } },
  ]);
  expect(await read('plant.pumps')).toMatchObject([
    { schema_name: 'plant', table_name: 'pumps', entity_id: '1' },
  ]);
  expect(await read('readings')).toMatchObject([
    { operation: 'INSERT' },
    { operation: 'UPDATE', old_value: { value: 1 }, new_value: { value: 2 } },
  ]);
  expect(await read('readings_2026')).toEqual([]);
  expect(await read('fleeting')).toMatchObject([
    { operation: 'GAP', new_value: { reason: 'is unlogged: its changes are not in the log' } },
  ]);
});

it('follows a table whose columns and key change in mid-stream', async () => {
  await bench.query(`create table moving (a int); insert into moving values (1)`);
  await bench.query(`alter table moving add primary key (a), add column b text default 'd'`);
  await bench.query(`update moving set b = 'e'`);
  await bench.query(`alter table moving drop column b, add column c int; update moving set c = 3`);
  const changes = await read('moving');
  expect(changes.map(({ entity_id, new_value }) => [entity_id, new_value])).toEqual([
    [expect.stringMatching(/^row:/), { a: 1 }],
    ['*', { columns: [{ name: 'a' }, { name: 'b', added: true, value: 'd' }], dropped: [], key: ['a'] }],
    ['1', { a: 1, b: 'e' }],
    ['*', { columns: [{ name: 'a' }, { name: 'c', added: true, value: null }], dropped: ['b'] }],
    ['1', { a: 1, c: 3 }],
  ]);
});

it('leaves its own bookkeeping out, and lets the slot move on when nothing else happens', async () => {
  await bench.catchUp(capture);
  const changes = await bench.readChanges();
  expect(changes.filter(({ entity_type }) => /capture_|schema_migration/.test(entity_type))).toEqual([]);
  const before = capture.status().changes;
  await bench.query(`select pg_logical_emit_message(true, 'other', 'nothing for us')`);
  await bench.catchUp(capture);
  expect(capture.status().changes).toBe(before);
  const moved = async () => {
    const [slot] = await bench.query(
      'select confirmed_flush_lsn >= $2::pg_lsn as moved from pg_replication_slots where slot_name = $1',
      [bench.names.slot, changes.at(-1)!.lsn],
    );
    return slot.moved as boolean;
  };
  await eventually(moved, (hasMoved) => hasMoved);
});
