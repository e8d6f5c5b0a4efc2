import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { notificationMigrations } from './migrations/index.js';
import { createDeviceRepository, type DeviceRepository } from './device-repository.js';
import { createNotificationDirectory } from './notification-directory.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;
let devices: DeviceRepository;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  ({ postgres } = await openPostgres(databases, [notificationMigrations]));
  await postgres.pool.query(
    `insert into infratraq.users (user_id, display_name) values ('u-1', 'Ada'), ('u-2', 'Ben')`,
  );
  devices = createDeviceRepository(postgres);
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});
beforeEach(async () => {
  await postgres.pool.query('delete from infratraq.device_registrations');
});

const phone = (user_id: string, token = 'token-1') =>
  ({ user_id, platform: 'android', target: { kind: 'fcm', token } }) as const;

it('registers a device once, however often it comes back, and reaches it again after it was gone', async () => {
  const first = await devices.register(phone('u-1'));
  const directory = createNotificationDirectory(postgres);
  await directory.retireAddress('u-1', { channel: 'push', device_id: first!.device_id });
  expect(await devices.listOf('u-1')).toMatchObject([{ status: 'expired' }]);
  expect(await directory.find(['u-1'])).toMatchObject([{ devices: [] }]);
  const again = await devices.register(phone('u-1'));
  expect(again).toMatchObject({ device_id: first!.device_id, status: 'active' });
  expect(await devices.listOf('u-1')).toEqual([again]);
  expect(await directory.find(['u-1'])).toMatchObject([
    { devices: [{ device_id: first!.device_id, target: { kind: 'fcm', token: 'token-1' } }] },
  ]);
});

it('gives a device that another user takes over to that user alone', async () => {
  await devices.register(phone('u-1'));
  await devices.register(phone('u-2'));
  expect(await devices.listOf('u-1')).toEqual([]);
  expect(await devices.listOf('u-2')).toHaveLength(1);
});

it('registers at once from many places, and keeps the twenty that were seen last', async () => {
  const registered = await Promise.all(Array.from({ length: 8 }, () => devices.register(phone('u-1'))));
  expect(new Set(registered.map((device) => device?.device_id)).size).toBe(1);
  for (let number = 0; number < 25; number += 1) await devices.register(phone('u-1', `other-${number}`));
  const kept = await devices.listOf('u-1');
  expect(kept).toHaveLength(20);
  expect(kept.map(({ device_id }) => device_id)).not.toContain(registered[0]?.device_id);
});

it('removes only from its owner, and knows no strangers', async () => {
  const { device_id } = (await devices.register(phone('u-1')))!;
  expect(await devices.remove('u-2', device_id)).toBe(false);
  expect(await devices.remove('u-1', 'not-a-uuid')).toBe(false);
  expect(await devices.remove('u-1', device_id)).toBe(true);
  expect(await devices.register(phone('nobody'))).toBeUndefined();
});
