import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { sql } from 'kysely';
import {
  connectPostgres,
  migrate,
  MigrationFailedError,
  type MigrationStep,
  type Postgres,
} from '../index.js';
import { platformMigrations } from './platform-migrations.js';

let databases: TestDatabases;
let servers: Postgres[];

beforeEach(async () => {
  databases = await createTestDatabases({ mongodb: false });
  servers = await Promise.all([1, 2, 3].map(() => connectPostgres({ url: databases.postgresUrl })));
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await databases.drop();
});

const createTable = (name: string, formerly?: string): MigrationStep => ({
  name,
  ...(formerly !== undefined && { formerly }),
  up: async (transaction) => {
    await sql`create table ${sql.table(`infratraq.${name}`)} (id text references infratraq.users)`.execute(
      transaction,
    );
  },
});
const parts = { owner: 'parts', steps: [createTable('pumps'), createTable('valves')] };
const platformNames = platformMigrations.steps.map(({ name }) => `platform/${name}`);
const query = async (text: string) => (await servers[0]!.pool.query(text)).rows;
const listTables = async () => {
  const found = await query(
    `select table_name from information_schema.tables where table_schema = 'infratraq'`,
  );
  return found.map(({ table_name }) => table_name as string);
};

it('runs each step once although three servers start together, the platform first', async () => {
  const ran = await Promise.all(servers.map((server) => migrate(server, [parts])));
  expect(ran.flat()).toEqual([...platformNames, 'parts/pumps', 'parts/valves']);
  expect(await migrate(servers[0]!, [parts])).toEqual([]);
});

it('leaves alone what it does not know of other owners, and adds an owner later', async () => {
  await migrate(servers[0]!, [parts]);
  const tools = { owner: 'tools', steps: [createTable('cranes')] };
  expect(await migrate(servers[0]!, [tools])).toEqual(['tools/cranes']);
  expect(await migrate(servers[0]!)).toEqual([]);
});

it('says which step failed and leaves nothing of it behind', async () => {
  const failing: MigrationStep = { name: 'broken', up: () => Promise.reject(new Error('No room')) };
  const failure = await migrate(servers[0]!, [{ ...parts, steps: [...parts.steps, failing] }]).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(MigrationFailedError);
  expect(failure).toMatchObject({
    message: expect.stringContaining('parts/broken'),
    cause: { message: 'No room' },
  });
  expect(await listTables()).toEqual([]);
});

it('does not run again what an earlier version ran under a name that several owners shared', async () => {
  await migrate(servers[0]!, [parts]);
  await query(`update infratraq.schema_migration set name = '0001-parts' where name = 'parts/pumps'`);
  await query(`delete from infratraq.schema_migration where name = 'parts/valves'`);
  const renamed = {
    owner: 'parts',
    steps: ['pumps', 'valves'].map((name) => createTable(name, '0001-parts')),
  };
  const ran = await Promise.all(servers.map((server) => migrate(server, [renamed])));
  expect(ran.flat()).toEqual([]);
  expect(
    await query(`select name from infratraq.schema_migration where name like '%parts%' order by name`),
  ).toEqual(['0001-parts', 'parts/pumps', 'parts/valves'].map((name) => ({ name })));
});

it.each([
  { found: 'a newer version', steps: [createTable('pumps')] },
  { found: 'another order', steps: [createTable('cranes'), createTable('pumps'), createTable('valves')] },
])('refuses a database of $found', async ({ steps }) => {
  await migrate(servers[0]!, [parts]);
  const failure = await migrate(servers[0]!, [{ owner: 'parts', steps }]).catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { code: 'postgres.migrations-unknown' } });
  expect(await listTables()).not.toContain('cranes');
});
