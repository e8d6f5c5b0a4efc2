import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { sql } from 'kysely';
import { connectPostgres, defineQueue, migrate, openJobs, openPostgres, runAlone } from '../index.js';
import { NestedConnectionError } from './held-connection.js';

let databases: TestDatabases;
let opened: Awaited<ReturnType<typeof openPostgres>>;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  opened = await openPostgres({ postgresUrl: databases.postgresUrl });
});
afterAll(async () => {
  await opened.close();
  await databases.drop();
});

const asks: Record<string, () => Promise<unknown>> = {
  'the pool': () => opened.postgres.pool.query('select 1'),
  'a connection of the pool': () => opened.postgres.pool.connect(),
  'the query builder': () => sql`select 1`.execute(opened.postgres.db),
  'another transaction': () => opened.postgres.transaction(async () => undefined),
};

it.each(Object.entries(asks))('refuses %s to work within a transaction', async (_what, ask) => {
  const nested = opened.postgres.transaction(() => ask());
  await expect(nested).rejects.toThrow(NestedConnectionError);
  await expect(opened.postgres.db.transaction().execute(() => ask())).rejects.toMatchObject({
    code: 'postgres.nested-connection',
  });
});

it('lets work that a transaction has started use the pool once the transaction has ended', async () => {
  let later: Promise<unknown> | undefined;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  await opened.postgres.transaction(async () => {
    later = ended.then(() => opened.postgres.pool.query('select 1'));
  });
  end();
  await expect(later).resolves.toMatchObject({ rowCount: 1 });
});

it('works with a pool of one connection', async () => {
  const single = await connectPostgres({ url: databases.postgresUrl, maxConnections: 1 });
  try {
    await migrate(single);
    const queue = defineQueue<{ part: string }>('single');
    const jobs = await openJobs({ postgres: single, queues: [queue] });
    await single.transaction((transaction) => jobs.add(queue, [{ data: { part: 'pump' } }], { transaction }));
    const counts = Array.from({ length: 5 }, (_, place) =>
      runAlone(single, `count ${place}`, () => jobs.countOpen(queue)),
    );
    expect(await Promise.all(counts)).toEqual([1, 1, 1, 1, 1]);
    await expect(single.transaction(() => jobs.add(queue, [{ data: { part: 'valve' } }]))).rejects.toThrow(
      NestedConnectionError,
    );
    await jobs.close();
  } finally {
    await single.close();
  }
}, 30_000);
