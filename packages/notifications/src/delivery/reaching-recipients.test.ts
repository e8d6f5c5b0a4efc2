import { expect, it } from '@jest/globals';
import { PushNotificationLog } from '../collections/push-notification-log.js';
import type { DeadDelivery } from '../context/notification-context.js';
import { only, useDeliveries } from '../testing/use-deliveries.js';
import type { NotificationTables } from '../postgres/tables.js';

const dead: DeadDelivery[] = [];
const open = useDeliveries({ keepDeadDelivery: async (letter) => void dead.push(letter) });
const { email, push, clock, addUser, addDevice, send, until } = open;

/** Lets so much time go by, for the deliveries and for their jobs. */
const pass = async (milliseconds: number) => {
  const then = clock.now;
  clock.now = () => new Date(then().getTime() + milliseconds);
  await open.hastenJobs(milliseconds);
};

it('pushes to each device, logs each answer, and forgets devices that are gone', async () => {
  const user = await addUser(only('push'));
  const [kept, gone] = [
    await addDevice(user, { kind: 'fcm', token: 'kept' }),
    await addDevice(user, { kind: 'fcm', token: 'gone' }),
  ];
  push.answer = ({ address }) =>
    address.channel === 'push' && address.device_id === gone
      ? { outcome: 'rejected', error_code: 'UNREGISTERED', error_message: 'gone', address_gone: true }
      : { outcome: 'accepted', provider_message_id: 'p-1', response: { name: 'p-1' } };
  const delivery = await until(user, await send(user, { collapse_key: 'task:1' }), 'push', 'sent');
  const logged = await open.models
    .of(PushNotificationLog)
    .find({ delivery_id: String(delivery._id) })
    .lean();
  expect(logged.map(({ device, outcome }) => [device.device_id, device.platform, outcome]).sort()).toEqual(
    [
      [kept, 'ios', 'accepted'],
      [gone, 'ios', 'gone'],
    ].sort(),
  );
  expect(push.messages[0]).toMatchObject({ collapse_key: 'task:1' });
  const { rows } = await open.postgres.pool.query(
    'select device_id, status from infratraq.device_registrations where user_id = $1',
    [user],
  );
  expect(rows.find(({ device_id }) => device_id === gone)).toMatchObject({ status: 'expired' });
  await until(user, await send(user), 'push', 'sent');
  expect(push.messages).toHaveLength(3);
});

it('keeps a dead letter of what one device refused, although another one is gone', async () => {
  const user = await addUser(only('push'));
  const devices: string[] = [];
  for (const token of ['a', 'b', 'c'])
    devices.push(await addDevice(user, { kind: 'fcm', token: user + token }));
  // They are tried in the order of their ids.
  const [, refusing] = devices.sort();
  push.answer = ({ address }) => ({
    outcome: 'rejected',
    error_code: 'INVALID',
    error_message: 'no',
    address_gone: address.channel === 'push' && address.device_id !== refusing,
  });
  const notification_id = await send(user);
  await until(user, notification_id, 'push', 'failed');
  expect(dead.filter((letter) => letter.notification_id === notification_id)).toHaveLength(1);
});

it('tries only the devices again that have not taken a push', async () => {
  const user = await addUser(only('push'));
  await addDevice(user, { kind: 'fcm', token: 'quick' });
  const slow = await addDevice(user, { kind: 'fcm', token: 'slow' });
  push.answer = ({ address, attempt }) =>
    address.channel === 'push' && address.device_id === slow && attempt === 1
      ? { outcome: 'throttled', error_code: 'QUOTA', error_message: 'later' }
      : { outcome: 'accepted' };
  await send(user);
  await push.received(3);
  const tries = push.messages.map(({ address, attempt }) => [
    address.channel === 'push' && address.device_id === slow ? 'slow' : 'quick',
    attempt,
  ]);
  expect(tries.sort()).toEqual([
    ['quick', 1],
    ['slow', 1],
    ['slow', 2],
  ]);
});

it('falls back to the next channel only while nobody has read it', async () => {
  const [reader, other] = [await addUser(), await addUser()];
  for (const user of [reader, other]) await addDevice(user, { kind: 'fcm', token: user });
  const { notification_id } = await open.service.send({
    to: { users: [reader, other] },
    type: 'task.chained',
    data: { task: 'Deck' },
  });
  await until(reader, notification_id, 'push', 'sent');
  const { items } = await open.inbox.list(reader, { limit: 1 });
  await open.inbox.markRead(reader, String(items[0]!._id));
  await until(other, notification_id, 'push', 'sent');
  expect(email.messages).toEqual([]);
  await pass(600_000);
  const sent = await until(other, notification_id, 'email', 'sent');
  expect(sent.sent_at!.getTime() - sent.queued_at.getTime()).toBeGreaterThanOrEqual(600_000);
  await until(reader, notification_id, 'email', 'suppressed');
  expect(email.messages.map(({ recipient_id }) => recipient_id)).toEqual([other]);
});

it('tells groups and followers, each once, and not whoever caused it', async () => {
  const users = [await addUser(only('email')), await addUser(only('email')), await addUser(only('email'))];
  const [first, second, third] = users as [string, string, string];
  const { db } = open.postgres.withTables<NotificationTables>();
  await db.insertInto('infratraq.groups').values({ group_id: 'crew', title: 'Crew' }).execute();
  await db
    .insertInto('infratraq.group_members')
    .values([first, second].map((user_id) => ({ group_id: 'crew', user_id })))
    .execute();
  await db
    .insertInto('infratraq.entity_followers')
    .values([second, third].map((user_id) => ({ entity_type: 'bridge', entity_id: '7', user_id })))
    .execute();
  const { notification_id } = await open.service.send({
    to: {
      users: [first],
      groups: ['crew'],
      except: [third],
      followers_of: { entity_type: 'bridge', entity_id: '7' },
    },
    type: 'task.assigned',
    data: { task: 'Deck' },
  });
  for (const user of [first, second]) await until(user, notification_id, 'email', 'sent');
  expect(email.messages.map(({ recipient_id }) => recipient_id).sort()).toEqual([first, second].sort());
});
