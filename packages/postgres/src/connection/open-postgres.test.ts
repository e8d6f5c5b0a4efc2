import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { once, EventEmitter } from 'node:events';
import pg from 'pg';
import { defineQueue, followNotifications, openJobs, openPostgres } from '../index.js';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
});
afterAll(() => databases.drop());

/** As another program makes one: without a connection string. */
const createPool = () => {
  const { username, password, hostname, port, pathname } = new URL(databases.postgresUrl);
  const database = pathname.slice(1);
  return new pg.Pool({ user: username, password, host: hostname, port: Number(port), database });
};

it('migrates and closes what it opened', async () => {
  const { postgres, close } = await openPostgres({ postgresUrl: databases.postgresUrl });
  expect(await postgres.db.selectFrom('infratraq.users').selectAll().execute()).toEqual([]);
  await close();
  expect(postgres.pool.ended).toBe(true);
});

it('works over a pool of the caller with its jobs and notifications, and leaves it open', async () => {
  const pool = createPool();
  const { postgres, close } = await openPostgres({ pool });
  const heard = new EventEmitter();
  const followed = await followNotifications(
    postgres,
    { channel: 'part_changed', purpose: 'parts' },
    {
      onNotification: (payload) => void heard.emit('part', payload),
      onListening: async () => undefined,
      onError: (error) => void heard.emit('error', error),
    },
  );
  const part = once(heard, 'part');
  await pool.query(`select pg_notify('part_changed', 'pump')`);
  expect(await part).toEqual(['pump']);
  const queue = defineQueue<{ part: string }>('parts');
  const jobs = await openJobs({ postgres, queues: [queue] });
  await jobs.add(queue, [{ data: { part: 'pump' } }]);
  expect(await jobs.countOpen(queue)).toBe(1);
  await jobs.close();
  await followed.close();
  await close();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(pool.listenerCount('error')).toBe(0);
  await pool.end();
});

it('leaves a connection open that it was given', async () => {
  const first = await openPostgres({ postgresUrl: databases.postgresUrl });
  const second = await openPostgres({ postgres: first.postgres });
  expect(second.postgres).toBe(first.postgres);
  await second.close();
  expect(first.postgres.pool.ended).toBe(false);
  await first.close();
});
