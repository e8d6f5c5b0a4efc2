import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runAsActor } from '@infratraq/kernel';
import pg from 'pg';
import { excludeTable, includeTable, prepareCapture, type Capture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let capture: Capture;
/** Logged in as a role that may write, and knows nothing of capture. */
let surveyor: pg.Client;
const role = `surveyor_${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  bench = await openCaptureBench();
  capture = await bench.startCapture();
  await bench.query(`create role ${role} login password 'survey'; grant create on schema public to ${role}`);
  const url = Object.assign(new URL(bench.postgresUrl), { username: role, password: 'survey' });
  surveyor = new pg.Client({ connectionString: url.href });
  await surveyor.connect();
});
afterAll(async () => {
  await surveyor.end();
  await bench.query(`drop owned by ${role}; drop role ${role}`);
  await bench.close();
});

const read = async (entityType: string) => {
  await bench.catchUp(capture);
  return bench.readChanges(entityType);
};
const authors = async (entityType: string) => (await read(entityType)).map(({ changed_by }) => changed_by);

it('shows plain SQL with the database user who logged in, whatever role the session has taken', async () => {
  await surveyor.query('create table pegs (id int primary key)');
  await surveyor.query(`insert into pegs values (1)`);
  await bench.query('insert into pegs values (2)');
  await bench.query(`begin; set local role ${role}; insert into pegs values (3); commit`);
  await bench.query(
    `begin; set local session_replication_role = replica; insert into pegs values (4); commit`,
  );
  const [own, ...others] = await read('pegs');
  expect(own).toMatchObject({ changed_by: role, source: 'direct_sql' });
  expect(others.map(({ changed_by }) => changed_by)).toEqual(['postgres', 'postgres', 'postgres']);
});

it('knows the user after a savepoint was rolled back, and the actor once one is named', async () => {
  await surveyor.query('create table lines (id int primary key)');
  await surveyor.query(`begin; savepoint s; insert into lines values (1); rollback to s; insert into lines values (2);
    insert into lines values (3); commit`);
  await surveyor.query(`begin; insert into lines values (4); select infratraq.set_actor('u-9'); insert into lines values (5);
    commit`);
  const changes = await read('lines');
  expect(changes.map(({ entity_id, changed_by, source }) => [entity_id, changed_by, source])).toEqual([
    ['2', role, 'direct_sql'],
    ['3', role, 'direct_sql'],
    ['4', role, 'direct_sql'],
    ['5', 'u-9', 'application'],
  ]);
});

it('knows who empties, fills and moves partitions, and who reaches a table through a foreign key', async () => {
  await surveyor.query(`create table sections (id int primary key, zone int references sections on delete cascade);
    create table heights (at int primary key) partition by range (at)`);
  await surveyor.query(`create table heights_low partition of heights for values from (0) to (10);
    insert into heights values (1); insert into heights_low values (2); truncate heights`);
  await surveyor.query(`insert into sections values (1, null), (2, 1); delete from sections where id = 1`);
  expect(new Set([...(await authors('heights')), ...(await authors('sections'))])).toEqual(new Set([role]));
});

it('says unknown rather than somebody where nothing tells the user', async () => {
  // Capture's own event trigger would enable it again.
  await bench.query(`create table stakes (id int primary key); set event_triggers = off;
    alter table stakes disable trigger infratraq_capture; reset event_triggers; insert into stakes values (1)`);
  await bench.query('alter table stakes alter id set default 0');
  await bench.query(`begin; select pg_logical_emit_message(true, 'infratraq.user', '{"user":"u-forged","secret":""}');
    insert into stakes values (2); commit`);
  expect(await authors('stakes')).toEqual(['unknown', 'postgres']);
});

it('can be prepared again while a transaction that has written is open', async () => {
  await surveyor.query('create table marks (id int primary key)');
  await surveyor.query('begin; insert into marks values (1)');
  await prepareCapture(bench.postgres, bench.names);
  await surveyor.query('insert into marks values (2); commit');
  expect(await authors('marks')).toEqual([role, role]);
});

it('marks in the trail from when a table was left out, by whom and why, and from when it was taken in', async () => {
  await bench.query(`create table echoes (id int primary key); insert into echoes values (1), (2)`);
  await runAsActor({ user_id: 'u-operator', roles: ['operator'], reason: 'too loud' }, () =>
    excludeTable(bench.postgres, { table: 'echoes', reason: 'only noise' }, bench.names),
  );
  await bench.query('delete from echoes where id = 1');
  await includeTable(bench.postgres, 'echoes', bench.names);
  await bench.query('delete from echoes where id = 2');
  const changes = await read('echoes');
  expect(changes.map(({ operation, entity_id }) => [operation, entity_id])).toEqual([
    ['INSERT', '1'],
    ['INSERT', '2'],
    ['GAP', '*'],
    ['GAP', '*'],
    ['DELETE', '2'],
  ]);
  expect(changes[2]).toMatchObject({
    changed_by: 'u-operator',
    source: 'application',
    reason: 'too loud',
    new_value: { reason: 'left out: only noise' },
  });
  expect(changes[3]).toMatchObject({ changed_by: 'postgres', source: 'direct_sql' });
});
