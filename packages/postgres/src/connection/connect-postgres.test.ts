import { expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { connectPostgres, PostgresUnreachableError } from '../index.js';

it.each([
  { used: 'the pool alone', uses: 'pool' },
  { used: 'the query builder', uses: 'db' },
] as const)('closes every connection when $used was used, and may be closed again', async ({ uses }) => {
  const databases = await createTestDatabases({ mongodb: false });
  try {
    const postgres = await connectPostgres({ url: databases.postgresUrl });
    if (uses === 'pool') await postgres.pool.query('select 1');
    else await postgres.transaction(async () => undefined);
    await postgres.close();
    expect(postgres.pool.ended).toBe(true);
    expect(postgres.pool.totalCount).toBe(0);
    await postgres.close();
  } finally {
    await databases.drop();
  }
});

it('says what to check when nothing answers, without the password', async () => {
  const connecting = connectPostgres({ url: 'postgres://someone:hidden@127.0.0.1:1/nothing' });
  await expect(connecting).rejects.toThrow(PostgresUnreachableError);
  await expect(connecting).rejects.toThrow('postgres://someone@127.0.0.1:1/nothing; check POSTGRES_URL');
});

it('gives up a server that takes connections and never answers', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  try {
    await once(silent, 'listening');
    const url = `postgres://someone@127.0.0.1:${(silent.address() as AddressInfo).port}/nothing`;
    const connecting = connectPostgres({ url, connectTimeoutMilliseconds: 50 });
    await expect(connecting).rejects.toThrow(PostgresUnreachableError);
  } finally {
    silent.close();
  }
});
