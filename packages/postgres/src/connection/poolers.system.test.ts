import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import {
  createTestDatabases,
  startPgbouncer,
  type Pgbouncer,
  type StartPgbouncerOptions,
  type TestDatabases,
} from '@infratraq/engines';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { connectPostgres } from '../index.js';
import { PostgresPoolerError } from './require-sessions.js';

let databases: TestDatabases;
let folder: string;
let pooler: Pgbouncer | undefined;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
});
afterEach(() => pooler?.stop());
afterAll(async () => {
  await databases.drop();
  await rm(folder, { recursive: true });
});

async function start(poolMode: StartPgbouncerOptions['poolMode']): Promise<string> {
  pooler = await startPgbouncer({ folder, postgresUrl: databases.postgresUrl, poolMode });
  return pooler.url;
}

it.each(['transaction', 'statement'] as const)(
  'refuses a pooler that keeps no sessions, and names the setting: pool_mode = %s',
  async (poolMode) => {
    const connecting = connectPostgres({ url: await start(poolMode) });
    await expect(connecting).rejects.toThrow(PostgresPoolerError);
    await expect(connecting).rejects.toMatchObject({
      code: 'postgres.pooler',
      message: expect.stringContaining('set POSTGRES_URL to PostgreSQL itself'),
    });
  },
);

it('works behind a pooler that keeps sessions, with limits of time', async () => {
  const postgres = await connectPostgres({
    url: await start('session'),
    timeLimits: { statementMilliseconds: 100 },
  });
  try {
    await expect(postgres.pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
  } finally {
    await postgres.close();
  }
});
