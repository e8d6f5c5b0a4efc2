import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Capture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let capture: Capture;
/** May log in and write, and would rather not be known. */
let intruder: pg.Client;
const role = `intruder_${crypto.randomUUID().slice(0, 8)}`;
const told: { code?: string }[] = [];

beforeAll(async () => {
  bench = await openCaptureBench();
  capture = await bench.startCapture({ onError: (error) => void told.push(error as { code?: string }) });
  await bench.query(`create role ${role} login password 'hidden'; grant create on schema public to ${role};
    create table ledger (id int primary key, note text); grant all on ledger to ${role};
    create function write_as_owner(id int) returns void language sql security definer
      as 'insert into public.ledger values (id)'`);
  const url = Object.assign(new URL(bench.postgresUrl), { username: role, password: 'hidden' });
  intruder = new pg.Client({ connectionString: url.href });
  await intruder.connect();
});
afterAll(async () => {
  await intruder.end();
  await bench.query(`drop owned by ${role}; drop role ${role}`);
  await bench.close();
});

const authors = async (entityType: string) => {
  await bench.catchUp(capture);
  return (await bench.readChanges(entityType)).map(({ changed_by, source }) => `${changed_by} ${source}`);
};
const told_user = `'infratraq.told_user', pg_current_xact_id()::text`;
const mark = `'infratraq_told_' || pg_current_xact_id() || '_'`;

it.each([
  ['says that it was told', `select set_config(${told_user}, true)`],
  ['says so for the session', `select set_config(${told_user}, false)`],
  [
    'forges the message',
    `select pg_logical_emit_message(true, 'infratraq.user', '{"secret":"","user":"postgres"}')`,
  ],
  ['takes the message back', `savepoint s; insert into ledger values (-1); rollback to s`],
  [
    'takes the message back and says that it was told',
    `savepoint s; insert into ledger values (-1); rollback to s; select set_config(${told_user}, true)`,
  ],
  ['has errors for whatever is odd', `set local plpgsql.extra_errors = 'all'`],
  [
    'looks for names elsewhere',
    `create temp table pg_class (oid int); set local search_path = pg_temp, public`,
  ],
  ['reads strictly', 'set local row_security = off; set local transform_null_equals = on'],
  ['writes serializably', 'set local transaction isolation level serializable'],
  ['hides in a block', `do $$ begin insert into ledger values (-2); delete from ledger; end $$`],
])('tells who it was when a writer %s', async (_, trick) => {
  await bench.query('truncate ledger');
  await bench.catchUp(capture);
  await bench.changelog.deleteMany({});
  const isolation = trick.includes('serializable') ? '' : 'commit; begin;';
  await intruder.query(
    `begin; ${isolation} ${trick}; insert into public.ledger values (1); commit; discard temp`,
  );
  expect(new Set(await authors('ledger'))).toEqual(new Set([`${role} direct_sql`]));
});

it('lets nobody mark a transaction as told', async () => {
  await expect(intruder.query(`select set_config('backtrace_functions', ${mark}, false)`)).rejects.toThrow(
    'permission denied',
  );
  await expect(intruder.query(`alter role ${role} set backtrace_functions = 'x'`)).rejects.toThrow(
    'permission denied',
  );
});

it('tells who logged in, whoever owns the function or the role that writes', async () => {
  await bench.changelog.deleteMany({});
  await intruder.query('select write_as_owner(100)');
  await bench.query(
    `create role ${role}_group; grant ${role}_group to ${role}; grant all on ledger to ${role}_group`,
  );
  await intruder.query(`set role ${role}_group; insert into ledger values (101); reset role`);
  await intruder
    .query(`prepare w as insert into ledger values ($1); execute w (102); copy ledger from stdin`)
    .catch(() => undefined);
  await bench.query(`drop owned by ${role}_group; drop role ${role}_group`);
  expect(new Set(await authors('ledger'))).toEqual(new Set([`${role} direct_sql`]));
});

it.each([
  ['dropped', 'drop trigger infratraq_capture on t'],
  ['disabled', 'alter table t disable trigger infratraq_capture'],
  ['enabled for replicas only', 'alter table t enable replica trigger infratraq_capture'],
  ['renamed', 'alter trigger infratraq_capture on t rename to other'],
  ['renamed and dropped', 'alter trigger infratraq_capture on t rename to other; drop trigger other on t'],
  [
    'replaced',
    `create function do_nothing() returns trigger language plpgsql as 'begin return null; end';
     create or replace trigger infratraq_capture before insert on t for each row execute function do_nothing()`,
  ],
])("puts the trigger back that a table's owner has %s", async (_, trick) => {
  const table = `own_${crypto.randomUUID().slice(0, 8)}`;
  await intruder.query(`create table ${table} (id int)`);
  await intruder.query(trick.replaceAll(/\bt\b/g, table));
  await intruder.query(`insert into ${table} values (1)`);
  expect(await authors(table)).toEqual([`${role} direct_sql`]);
});

const actor = (content: string) => `select pg_logical_emit_message(true, 'infratraq.actor', ${content})`;
const json = (value: unknown) => `'${JSON.stringify(value).replaceAll("'", "''")}'`;
const long = 'x'.repeat(5_000);

it.each([
  ['too large to be read', `'{"user_id":"' || repeat('a', 17000000) || '"}'`],
  ['not JSON', `'{"user_id":'`],
  ['no object', `'["u-1"]'`],
  ['nested without end', `repeat('[', 60000)`],
  ['null', `'null'`],
  ['a list of users', json({ user_id: ['u-1'] })],
  ['a huge number', `'{"user_id":1e999}'`],
  ['empty', json({ user_id: '' })],
  ['in its prototype', `'{"__proto__":{"user_id":"u-1"}}'`],
])('shows the database user where the actor is %s', async (_, content) => {
  await bench.changelog.deleteMany({});
  await intruder.query(`begin; ${actor(content)}; update ledger set note = 'a'; insert into ledger
    values ((select coalesce(max(id), 0) + 1 from ledger)); commit`);
  expect(new Set(await authors('ledger'))).toEqual(new Set([`${role} direct_sql`]));
});

it('cuts what is longer than an id, tells so, and keeps different ones apart', async () => {
  await bench.changelog.deleteMany({});
  told.length = 0;
  const fields = { ip_address: long, session_id: long, cause_id: long, reason: long };
  for (const user_id of [`${long}a`, `${long}b`])
    await intruder.query(`begin; ${actor(json({ user_id, ...fields }))}; update ledger set note = 'b' where id = 100;
      commit`);
  await bench.catchUp(capture);
  const [first, second] = await bench.readChanges('ledger');
  expect(first!.changed_by).toMatch(/^x{183}…[0-9a-f]{16}$/);
  expect(second!.changed_by).not.toBe(first!.changed_by);
  for (const name of ['ip_address', 'session_id', 'cause_id'] as const)
    expect(first![name]).toHaveLength(200);
  expect(first!.reason).toHaveLength(2_000);
  expect(told).toMatchObject([{ code: 'capture.actor-oversized' }]);
});

it('makes texts of an actor such that every database takes them', async () => {
  await bench.changelog.deleteMany({});
  await intruder.query(`begin; ${actor(String.raw`'{"user_id":"u-\ud800","session_id":"a\u0000b","reason":7}'`)};
    update ledger set note = 'c' where id = 100; commit`);
  await bench.catchUp(capture);
  const [change] = await bench.readChanges('ledger');
  expect(change).toMatchObject({ changed_by: 'u-\ufffd', session_id: 'a\ufffdb' });
  expect(change).not.toHaveProperty('reason');
});
