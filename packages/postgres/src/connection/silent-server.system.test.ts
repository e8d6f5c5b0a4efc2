import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  createTestDatabases,
  eventually,
  startToxiproxy,
  type FaultyLink,
  type TestDatabases,
  type Toxiproxy,
} from '@infratraq/engines';
import { sql } from 'kysely';
import { connectPostgres, type Postgres } from '../index.js';

let databases: TestDatabases;
let proxy: Toxiproxy;
let link: FaultyLink;
let postgres: Postgres;

beforeAll(async () => {
  [databases, proxy] = await Promise.all([createTestDatabases({ mongodb: false }), startToxiproxy()]);
  const url = new URL(databases.postgresUrl);
  link = await proxy.link(Number(url.port));
  url.port = String(link.port);
  postgres = await connectPostgres({
    url: url.href,
    maxConnections: 1,
    connectTimeoutMilliseconds: 1_000,
    timeLimits: { statementMilliseconds: 200 },
  });
}, 120_000);
afterAll(async () => {
  await postgres.close();
  await proxy.stop();
  await databases.drop();
});

it.each(['downstream', 'upstream'] as const)(
  'closes a connection that PostgreSQL does not answer on, and makes another: %s is silent',
  async (stream) => {
    await postgres.pool.query('select 1');
    const heal = await link.poison(stream, { type: 'timeout', attributes: { timeout: 0 } });
    const silent = postgres.transaction((transaction) => sql`select 1`.execute(transaction));
    await expect(silent).rejects.toMatchObject({ code: 'database.timeout', status: 503 });
    // A new one is not to be had either, and nothing waits for it for good.
    await expect(postgres.pool.query('select 1')).rejects.toThrow(/timeout/);
    await heal();
    await eventually(() => postgres.pool.query('select 1'));
  },
  30_000,
);

it('answers at once when the network resets connections, and goes on after', async () => {
  const heal = await link.poison('downstream', { type: 'reset_peer', attributes: { timeout: 0 } });
  await expect(postgres.pool.query('select 1')).rejects.toThrow();
  await heal();
  await eventually(() => postgres.pool.query('select 1'));
});
