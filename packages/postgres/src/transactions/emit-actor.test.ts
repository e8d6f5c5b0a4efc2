import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { runAsActor } from '@infratraq/kernel';
import { connectPostgres, migrate, type Postgres } from '../index.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;
const slot = `actor_test_${process.pid}`;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  postgres = await connectPostgres({ url: databases.postgresUrl });
  await migrate(postgres);
  await postgres.pool.query(`create publication everything for all tables`);
  await postgres.pool.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
});
afterAll(async () => {
  await postgres.pool.query('select pg_drop_replication_slot($1)', [slot]);
  await postgres.close();
  await databases.drop();
});

const insertUser = (user_id: string, reason?: string) =>
  postgres.transaction(
    (transaction) =>
      transaction.insertInto('infratraq.users').values({ user_id, display_name: user_id }).execute(),
    { reason },
  );

/** The kinds of message in the log, and the actors among them. */
async function readLog(): Promise<{ kinds: string; actors: unknown[] }> {
  const { rows } = await postgres.pool.query<{ data: Buffer }>(
    `select data from pg_logical_slot_get_binary_changes($1, null, null,
       'proto_version', '1', 'publication_names', 'everything', 'messages', 'true')`,
    [slot],
  );
  const messages = rows
    .map(({ data }) => data)
    .filter((data) => 'MIUD'.includes(String.fromCharCode(data[0]!)));
  return {
    kinds: messages.map((data) => String.fromCharCode(data[0]!)).join(''),
    actors: messages
      .filter((data) => data[0] === 'M'.charCodeAt(0))
      .map((data) => JSON.parse(data.subarray(data.indexOf('{')).toString()) as unknown),
  };
}

it('puts the actor into the log before the changes of its transaction', async () => {
  await runAsActor(
    {
      user_id: 'u-1',
      roles: [],
      ip_address: '10.0.0.9',
      session_id: 's-1',
      cause_id: 'c-1',
      reason: 'asked to',
    },
    () => insertUser('u-2', 'hired'),
  );
  expect(await readLog()).toEqual({
    kinds: 'MI',
    actors: [{ user_id: 'u-1', ip_address: '10.0.0.9', session_id: 's-1', cause_id: 'c-1', reason: 'hired' }],
  });
});

it('names nobody outside any actor, and nothing of a transaction that was rolled back', async () => {
  await insertUser('u-3');
  await runAsActor({ user_id: 'u-1', roles: [] }, () =>
    expect(insertUser('u-3')).rejects.toThrow('duplicate key'),
  );
  expect(await readLog()).toEqual({ kinds: 'I', actors: [] });
});
