import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectPostgres, type Postgres } from '@infratraq/postgres';
import { setTimeout as delay } from 'node:timers/promises';
import { prepareCapture, requestSnapshot, runSnapshot, type Capture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

const role = `captor_${crypto.randomUUID().slice(0, 8)}`;
const idleMilliseconds = 300;
const roleSettings = {
  role: 'pg_monitor',
  search_path: 'pg_temp, elsewhere',
  statement_timeout: '200ms',
  lock_timeout: '20ms',
  idle_session_timeout: `${idleMilliseconds}ms`,
  idle_in_transaction_session_timeout: '50ms',
  transaction_timeout: '500ms',
  default_transaction_read_only: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  row_security: 'off',
  client_encoding: 'LATIN1',
  quote_all_identifiers: 'on',
  standard_conforming_strings: 'off',
};
const databaseSettings = {
  datestyle: 'German, DMY',
  timezone: 'Asia/Kathmandu',
  intervalstyle: 'sql_standard',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  array_nulls: 'off',
  xmloption: 'document',
};

let bench: CaptureBench;
let capture: Capture;
let postgresUrl: string;
let postgres: Postgres;
const retried: unknown[] = [];

beforeAll(async () => {
  bench = await openCaptureBench();
  const database = new URL(bench.postgresUrl).pathname.slice(1);
  await bench.query(`create role ${role} login superuser replication password 'odd'`);
  for (const [name, value] of Object.entries(roleSettings))
    await bench.query(`alter role ${role} set ${name} = ${name === 'search_path' ? value : `'${value}'`}`);
  for (const [name, value] of Object.entries(databaseSettings))
    await bench.query(`alter database ${database} set ${name} = '${value}'`);
  postgresUrl = Object.assign(new URL(bench.postgresUrl), { username: role, password: 'odd' }).href;
  postgres = await connectPostgres({ url: postgresUrl, onIdleError: () => undefined });
  await prepareCapture(postgres, bench.names);
  capture = await bench.startCapture({ postgresUrl });
  capture.on('capture:retrying', ({ error }) => retried.push(error));
});
afterAll(async () => {
  await capture.stop();
  await postgres.close();
  await bench.query(`drop owned by ${role}; drop role ${role}`);
  await bench.close();
});

it('captures the same whatever the role and the database are set to, and is not ended when idle', async () => {
  await bench.query(`create table forms (
    id int primary key, day date, at timestamptz, span interval, weight float8, raw bytea, note text, known bool)`);
  await bench.query(`insert into forms values
    (1, '2026-02-01', '2026-02-01 10:00+00', '1 day 2 hours', 0.1::float8 + 0.2, '\\x00ff', 'Zoë 😀')`);
  await delay(3 * idleMilliseconds);
  await bench.query('update forms set known = true');
  await bench.catchUp(capture);
  const [, update] = await bench.readChanges('forms');
  const row = {
    day: '2026-02-01',
    at: new Date('2026-02-01T10:00:00Z'),
    span: 'P1DT2H',
    weight: 0.1 + 0.2,
    note: 'Zoë 😀',
  };
  expect(update!.old_value).toMatchObject({ id: 1, ...row });
  expect(update!.new_value).toMatchObject({ id: 1, ...row, known: true });
  expect(retried).toEqual([]);
});

it('finds tables by their names, and reads them, whatever the search path is', async () => {
  await bench.query('create schema elsewhere; create table elsewhere.forms (id int primary key)');
  await bench.query('insert into elsewhere.forms values (7)');
  expect(
    await requestSnapshot(bench.postgres, { ...bench.names, tables: ['forms', 'elsewhere.forms'] }),
  ).toEqual(['"public"."forms"', '"elsewhere"."forms"']);
  expect(await runSnapshot({ ...bench.names, postgresUrl })).toBe(2);
  await bench.catchUp(capture);
  const snapshots = (await bench.readChanges()).filter(({ operation }) => operation === 'SNAPSHOT');
  expect(snapshots.map(({ entity_type, entity_id }) => `${entity_type} ${entity_id}`).sort()).toEqual([
    'elsewhere.forms 7',
    'forms 1',
  ]);
});
