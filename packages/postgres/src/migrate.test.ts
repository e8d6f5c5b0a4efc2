import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import {
  connectPostgres,
  migrate,
  MigrationFailedError,
  PostgresUnreachableError,
  type Postgres,
} from './index.js';
import { migrations } from './migrations/index.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let servers: Postgres[];

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  servers = await Promise.all([1, 2, 3].map(() => connectPostgres({ url: databases.postgresUrl })));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await databases.drop();
});

it('runs each migration once although three servers start together', async () => {
  const ran = await Promise.all(servers.map((server) => migrate(server)));
  expect(ran.flat()).toEqual(Object.keys(migrations));
  expect(await migrate(servers[0]!)).toEqual([]);
});

it('says which migration failed and leaves nothing of it behind', async () => {
  const [server] = servers;
  await server!.pool.query(`delete from infratraq.schema_migration where name >= '0004-collection-state'`);
  await server!.pool.query('drop table infratraq.collection_state_transition');
  const failure = await migrate(server!).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MigrationFailedError);
  expect((failure as Error).message).toContain('0004-collection-state');
  const left = await server!.pool.query(
    `select to_regclass('infratraq.collection_state_transition') as found`,
  );
  expect(left.rows[0].found).toBeNull();
});

it('explains an unreachable server without showing the password', async () => {
  const failure = await connectPostgres({ url: 'postgres://reader:secret-word@127.0.0.1:1/none' }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PostgresUnreachableError);
  expect((failure as Error).message).toContain('POSTGRES_URL');
  expect((failure as Error).message).not.toContain('secret-word');
});
