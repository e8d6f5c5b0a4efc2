import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { excludeTable, includeTable, planCapture, prepareCapture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let owner: pg.Client;
const warnings: string[] = [];
const role = `owner_${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  bench = await openCaptureBench();
  await bench.query(`create role ${role} login password 'secret'; create schema own authorization ${role}`);
  const { hostname: host, port, pathname } = new URL(bench.postgresUrl);
  owner = new pg.Client({
    host,
    port: Number(port),
    database: pathname.slice(1),
    user: role,
    password: 'secret',
  });
  await owner.connect();
  owner.on('notice', ({ message }) => warnings.push(String(message)));
});
afterAll(async () => {
  await owner.end();
  await bench.query(`drop owned by ${role} cascade; drop role ${role}`);
  await bench.close();
});

const tell = async () => {
  const capture = await bench.startCapture();
  await bench.catchUp(capture);
  await capture.stop();
  return (await bench.readChanges()).map(({ entity_type, operation }) => `${operation} ${entity_type}`);
};

it('watches what a role does that may do nothing else, and never makes it fail or warn', async () => {
  await owner.query(`set search_path = own; create type own.addr as (a int, b int);
    create table own.t (id int primary key, v own.addr)`);
  await owner.query(`alter table own.t rename to u; alter type own.addr rename attribute a to c;
    alter table own.u add n int default 7, alter id type bigint; alter table own.u drop n; drop table own.u;
    create table own.p (id int) partition by range (id); create table own.p1 partition of own.p default;
    alter table own.p detach partition own.p1; drop table own.p; drop table own.p1`);
  expect(warnings).toEqual([]);
  expect(await tell()).toEqual([
    'RENAME own.t',
    'RENAME own.u',
    'GAP own.u',
    'ALTER own.u',
    'ALTER own.u',
    'DROP own.u',
    'GAP own.p',
    'DROP own.p',
    'DROP own.p1',
  ]);
});

it('watches while a loader takes part in replication, and within serializable transactions', async () => {
  await bench.query(`set session_replication_role = replica; create table loaded (id int primary key);
    alter table loaded rename to unloaded; reset session_replication_role`);
  await bench.query(`begin isolation level serializable; create table strict (id int primary key);
    alter table strict rename to stricter; commit`);
  expect((await tell()).filter((one) => one.startsWith('RENAME')).slice(-4)).toEqual([
    'RENAME loaded',
    'RENAME unloaded',
    'RENAME strict',
    'RENAME stricter',
  ]);
});

it('leaves temporary tables alone', async () => {
  const before = await bench.query('select count(*) from infratraq.capture_table');
  await owner.query(`create temp table scratch (id int primary key, v text); alter table scratch add w int default 1,
    alter v type varchar using v || 'x'; alter table scratch rename to scratched; drop table scratched;
    create temp table taken as select 1 as one; select 1 as two into temp other`);
  expect(warnings).toEqual([]);
  expect(await bench.query('select count(*) from infratraq.capture_table')).toEqual(before);
});

it('goes on without its own tables, and only warns', async () => {
  await bench.query('alter table infratraq.capture_table rename to elsewhere');
  await owner.query(
    'create table own.late (id int); alter table own.late rename to later; drop table own.later',
  );
  expect(warnings.join()).toContain('is not recorded in its place');
  await bench.query(
    'set event_triggers = off; alter table infratraq.elsewhere rename to capture_table; reset event_triggers',
  );
});

it('tells a table that was filled before a list of tables could hold it', async () => {
  await bench.query('create table spared (id int)');
  await excludeTable(bench.postgres, { table: 'spared', reason: 'not ours' }, bench.names);
  await bench.query(`create table copied as select 1 as id; select 2 as id into picked; create table plain (id int);
    insert into plain values (1)`);
  const told = await tell();
  expect(told.filter((one) => /copied|picked|plain/.test(one))).toEqual([
    'GAP copied',
    'GAP picked',
    'INSERT plain',
  ]);
  await includeTable(bench.postgres, 'spared', bench.names);
  await bench.query(`create table whole as select 1 as id`);
  expect((await tell()).filter((one) => one.includes('whole'))).toEqual(['INSERT whole']);
});

it('takes over a database that was prepared before tables were compared, without a gap', async () => {
  await bench.query(`create table older (id int primary key, v text); insert into older values (1, 'a')`);
  await bench.query(`set event_triggers = off; drop table infratraq.capture_shape;
    alter table infratraq.capture_table drop facts, drop rewritten;
    alter table infratraq.capture_publication drop replaced_by; reset event_triggers`);
  expect((await planCapture(bench.postgres, bench.names)).steps.map(({ kind }) => kind)).toEqual([
    'bookkeeping',
  ]);
  await prepareCapture(bench.postgres, bench.names);
  await bench.query(`alter table older rename v to w; update older set w = 'b'`);
  expect((await tell()).filter((one) => one.includes('older'))).toEqual([
    'INSERT older',
    'ALTER older',
    'UPDATE older',
  ]);
});

it('keeps of each table the shapes that changes still to be read may need, and no others', async () => {
  await bench.query(`create table shaped (id int primary key); create table passing (id int primary key)`);
  for (let turn = 0; turn < 3; turn += 1)
    await bench.query(`alter table shaped add c${turn} int; insert into shaped (id) values (${turn})`);
  const [{ oid }] = await bench.query(`select 'shaped'::regclass::oid as oid`);
  const [{ oid: gone }] = await bench.query(`select 'passing'::regclass::oid as oid`);
  const count = async (table: unknown) =>
    (await bench.query('select from infratraq.capture_shape where table_oid = $1', [table])).length;
  await bench.query('drop table passing');
  await tell();
  expect(await count(oid)).toBe(4);
  await tell();
  expect([await count(oid), await count(gone)]).toEqual([1, 0]);
});
