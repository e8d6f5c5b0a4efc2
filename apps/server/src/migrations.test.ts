import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectPostgres, migrate, type Postgres } from '@infratraq/postgres';
import { readFile } from 'node:fs/promises';
import { migrations } from './migrations.js';

const earlier = new URL('./testing/database-before-owned-migrations.sql', import.meta.url);
let databases: TestDatabases[];
let connected: Postgres[];

beforeAll(async () => {
  databases = await Promise.all([1, 2].map(() => createTestDatabases({ mongodb: false })));
  connected = await Promise.all(databases.map(({ postgresUrl }) => connectPostgres({ url: postgresUrl })));
});
afterAll(async () => {
  await Promise.all(connected.map((postgres) => postgres.close()));
  await Promise.all(databases.map((database) => database.drop()));
});

/** Everything in the schema, in words that two databases can be compared by. */
const describeSchema = async ({ pool }: Postgres) => {
  const read = async (text: string) => (await pool.query(text)).rows;
  const ours = `relnamespace = 'infratraq'::regnamespace`;
  return {
    relations: await read(
      `select relname, relkind, relacl::text from pg_class where ${ours} and relkind <> 'i' order by relname`,
    ),
    columns: await read(
      `select relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, collname,
         pg_get_expr(adbin, adrelid) as preset
       from pg_attribute join pg_class c on c.oid = attrelid
       left join pg_attrdef on adrelid = attrelid and adnum = attnum
       left join pg_collation l on l.oid = attcollation
       where ${ours} and relkind = 'r' and attnum > 0 order by relname, attnum`,
    ),
    indexes: await read(`select indexdef from pg_indexes where schemaname = 'infratraq' order by indexdef`),
    constraints: await read(
      `select conrelid::regclass::text as on, conname, pg_get_constraintdef(oid) from pg_constraint
       where connamespace = 'infratraq'::regnamespace order by 1, 2`,
    ),
    functions: await read(
      `select pg_get_functiondef(oid), proacl::text from pg_proc
       where pronamespace = 'infratraq'::regnamespace order by proname`,
    ),
    triggers: await read(
      `select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = tgrelid
       where ${ours} and not tgisinternal order by 1`,
    ),
    rights: await read(`select nspacl::text from pg_namespace where nspname = 'infratraq'`),
  };
};

const readRows = async ({ pool }: Postgres) => {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables
     where schemaname = 'infratraq' and tablename not like 'schema_migration%' order by tablename`,
  );
  const read = tables.map(async ({ name }) => {
    const { rows } = await pool.query(`select * from infratraq.${name} order by 1, 2`);
    return [name, rows] as const;
  });
  return Object.fromEntries(await Promise.all(read));
};

it('brings a database of an earlier version to the schema of a new one, and keeps its rows', async () => {
  const [kept, fresh] = connected as [Postgres, Postgres];
  await kept.pool.query(await readFile(earlier, 'utf8'));
  const before = await readRows(kept);
  for (const [table, rows] of Object.entries(before)) expect([table, rows.length]).not.toEqual([table, 0]);

  expect(await migrate(kept, migrations)).toEqual([
    'platform/0006-announce-users',
    'access/0001-scopes',
    'access/0002-announced-members',
    'access/0003-restamping',
    'audit/0004-follow-renames',
    'links/0001-revoked-links',
    'messaging/0004-made-channels',
  ]);
  const created = await migrate(fresh, migrations);

  expect(await describeSchema(kept)).toEqual(await describeSchema(fresh));
  // With the columns that are new.
  expect(await readRows(kept)).toMatchObject(before);
  const { rows: recorded } = await kept.pool.query<{ name: string }>(
    `select name from infratraq.schema_migration where name like '%/%'`,
  );
  expect(recorded.map(({ name }) => name).sort()).toEqual([...created].sort());
  expect(await migrate(kept, migrations)).toEqual([]);
});

it('runs what an earlier database lacks', async () => {
  const [kept, fresh] = connected as [Postgres, Postgres];
  await kept.pool.query(`
    drop schema infratraq cascade;
    ${(await readFile(earlier, 'utf8')).replace(/\n+ *create table infratraq\.mailbox_position[\s\S]*/, '')}`);
  expect(await migrate(kept, migrations)).toEqual([
    'platform/0006-announce-users',
    'access/0001-scopes',
    'access/0002-announced-members',
    'access/0003-restamping',
    'audit/0003-seal-head',
    'audit/0004-follow-renames',
    'links/0001-revoked-links',
    'messaging/0003-mailbox-position',
    'messaging/0004-made-channels',
    'notifications/0003-device-targets',
    'notifications/0004-mail-complaints',
  ]);
  expect(await describeSchema(kept)).toEqual(await describeSchema(fresh));
});
