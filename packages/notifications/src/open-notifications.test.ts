import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnection } from 'mongoose';
import pg from 'pg';
import { openNotifications, type OpenNotificationsOptions } from './open-notifications.js';
import { taskAssigned } from './testing/open-notifications.js';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases();
});
afterAll(() => databases.drop());

const directory = {
  find: async (ids: readonly string[]) => ids.map((user_id) => ({ user_id, name: 'Ada', devices: [] })),
};
const request = { to: { users: ['ada'] }, type: 'task.assigned', data: { task: 'Deck' } };

async function expectItem({ notifications, inbox }: Awaited<ReturnType<typeof openNotifications>>) {
  const { notification_id } = await notifications.send(request);
  await eventually(
    () => inbox.list('ada', { limit: 1 }),
    ({ items }) => items[0]?.notification_id === notification_id,
  );
}

it('needs nothing but two addresses and the types', async () => {
  const { mongodbUri, postgresUrl } = databases;
  const opened = await openNotifications({ mongodbUri, postgresUrl, types: [taskAssigned], directory });
  await expectItem(opened);
  await opened.close();
  expect(opened.models.connection.readyState).toBe(0);
  expect(opened.postgres.pool.ended).toBe(true);
});

it('stands on connections that exist, and leaves them open', async () => {
  const connection = createConnection(databases.mongodbUri);
  const pool = new pg.Pool({ connectionString: databases.postgresUrl });
  try {
    const opened = await openNotifications({ connection, pool, types: [taskAssigned], directory });
    await expectItem(opened);
    await opened.close();
    expect(connection.readyState).toBe(1);
    expect((await pool.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await connection.close();
    await pool.end();
  }
});

it('lets a process ask for notifications that another one sends', async () => {
  const { mongodbUri, postgresUrl } = databases;
  const options: OpenNotificationsOptions = { mongodbUri, postgresUrl, types: [taskAssigned], directory };
  const asking = await openNotifications({ ...options, workers: false });
  const { notification_id } = await asking.notifications.send(request);
  expect((await asking.inbox.list('ada', { limit: 1 })).items[0]?.notification_id).not.toBe(notification_id);
  const sending = await openNotifications(options);
  await eventually(
    () => asking.inbox.list('ada', { limit: 1 }),
    ({ items }) => items[0]?.notification_id === notification_id,
  );
  await sending.close();
  await asking.close();
});

it('closes what it has opened when a later part cannot be opened', async () => {
  const { mongodbUri, postgresUrl } = databases;
  const twice = [taskAssigned, taskAssigned];
  const opening = openNotifications({ mongodbUri, postgresUrl, types: twice, directory });
  await expect(opening).rejects.toMatchObject({ code: 'definition.notification.twice' });
  const pool = new pg.Pool({ connectionString: postgresUrl });
  const countConnections = async () => {
    const { rows } = await pool.query<{ open: number }>(
      `select count(*)::int as open from pg_stat_activity
       where application_name like 'infratraq%' and datname = current_database()`,
    );
    return rows[0]?.open;
  };
  await eventually(countConnections, (open) => open === 0);
  await pool.end();
});
