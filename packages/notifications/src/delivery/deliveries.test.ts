import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NotificationRequest, RecipientPreferences } from '@infratraq/kernel';
import { eventually } from '@infratraq/testing';
import { once } from 'node:events';
import {
  defineNotificationType,
  findDelivery,
  listDeliveriesOfNotification,
  PushNotificationLog,
  SmsDeliveryLog,
  type DeadDelivery,
  type NotificationDelivery,
} from '../index.js';
import { openNotifications, taskAssigned, type OpenNotifications } from '../testing/open-notifications.js';
import { RecordingSender } from '../testing/recording-sender.js';
import { deliverQueue } from './queues.js';

const email = new RecordingSender('email');
const push = new RecordingSender('push');
const sms = new RecordingSender('sms');
const urgent = defineNotificationType({ ...taskAssigned, type: 'task.escalated', critical: true });
const chained = defineNotificationType({
  ...{ ...taskAssigned, type: 'task.chained', defaultChannels: ['in_app', 'push', 'email'] as const },
  fallback: [{ channel: 'email', after_seconds: 600 }],
});
const dead: DeadDelivery[] = [];
const preferences = new Map<string, Partial<RecipientPreferences>>();
let open: OpenNotifications;
let now = () => new Date();
let deadLettersAreFull = false;
let beforeReplay: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  open = await openNotifications({
    ...{ senders: [email, push, sms], preferences },
    types: [taskAssigned, urgent, chained] as never[],
    retry: { attempts: 3, firstDelaySeconds: 0.1, longestDelaySeconds: 0.2 },
    keepDeadDelivery: async (letter) => {
      if (deadLettersAreFull) throw new Error('no dead letter can be kept');
      dead.push(letter);
    },
    limits: { test_sms: { perSecond: 1_000 }, test_push: { concurrent: 1 } },
    unsubscribeUrlOf: (user, types) => `leave:${user}:${types.join()}`,
    now: () => now(),
    onError: () => undefined,
    intercept: {
      jobs: (jobs) => ({
        ...jobs,
        async add(queue, added, options) {
          if (added.some(({ data }) => 'replay_id' in data)) await beforeReplay();
          await jobs.add(queue, added, options);
        },
      }),
    },
  });
  await open.service.start();
});
afterAll(() => open.close());
beforeEach(() => {
  now = () => new Date();
  beforeReplay = async () => undefined;
  for (const sender of [email, push, sms]) {
    sender.messages.length = 0;
    sender.answer = ({ delivery_id }) => ({ outcome: 'accepted', provider_message_id: `m-${delivery_id}` });
  }
});

let number = 0;
/** A new user, with an address of each kind. */
async function addUser(own: Partial<RecipientPreferences> = {}): Promise<string> {
  const user_id = `user-${(number += 1)}`;
  await open.addUsers({ user_id, email: `${user_id}@example.com`, phone: `+4366012345${100 + number}` });
  preferences.set(user_id, own);
  return user_id;
}
const only = (channel: 'email' | 'push' | 'sms' | 'in_app') => ({
  notifications: [{ type: '*', channels: [channel] }],
});
const send = async (user: string, request: Partial<NotificationRequest> = {}) =>
  (
    await open.service.send({
      to: { users: [user] },
      type: 'task.assigned',
      data: { task: 'Deck' },
      ...request,
    })
  ).notification_id;
const until = (
  recipient_id: string,
  notification_id: string,
  channel: 'email' | 'push' | 'sms' | 'in_app',
  state: NotificationDelivery['state'],
) =>
  eventually(
    async () => (await open.models.findOne(findDelivery, { recipient_id, notification_id, channel }))!,
    (delivery) => delivery?.state === state,
  );
/** Lets nobody go on before so many have come. */
function meet(count: number): () => Promise<void> {
  let goOn: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (goOn = resolve));
  let come = 0;
  return async () => {
    if ((come += 1) === count) goOn();
    await all;
  };
}
/** Lets so much time go by, for the deliveries and for their jobs. */
const pass = async (milliseconds: number) => {
  const then = now;
  now = () => new Date(then().getTime() + milliseconds);
  await open.hastenJobs(milliseconds);
};
const addDevice = async (user_id: string, target: object) =>
  (
    await open.postgres.db
      .insertInto('infratraq.device_registrations')
      .values({ user_id, platform: 'ios', push_target: JSON.stringify(target) })
      .returning('device_id')
      .executeTakeFirstOrThrow()
  ).device_id;

describe('a provider that does not take a message', () => {
  it('is tried again when it was away, with the same id, until it takes it', async () => {
    const user = await addUser(only('email'));
    email.answer = ({ attempt }) =>
      attempt < 3
        ? { outcome: 'unreachable', error_code: 'ECONNREFUSED', error_message: 'no answer' }
        : { outcome: 'accepted' };
    const delivery = await until(user, await send(user), 'email', 'sent');
    expect(delivery.attempts).toMatchObject([
      { attempt: 1, outcome: 'unreachable', error_code: 'ECONNREFUSED' },
      { attempt: 2, outcome: 'unreachable' },
      { attempt: 3, outcome: 'accepted' },
    ]);
    expect(new Set(email.messages.map(({ delivery_id }) => delivery_id)).size).toBe(1);
  });

  it('is given up after the last try, kept as a dead letter, and delivered once that is replayed', async () => {
    const user = await addUser(only('email'));
    email.answer = () => {
      throw Object.assign(new Error('the sender is broken'), { code: 'ESENDER' });
    };
    const notification_id = await send(user);
    const failed = await until(user, notification_id, 'email', 'failed');
    expect(failed.transitions.at(-1)?.reason).toBe('ESENDER: the sender is broken');
    const letter = dead.find((one) => one.notification_id === notification_id)!;
    expect(letter).toMatchObject({ attempts: 3, provider: 'test_email', reason: { code: 'ESENDER' } });
    email.answer = () => ({ outcome: 'accepted' });
    await open.service.replay(letter.delivery_ids);
    const sent = await until(user, notification_id, 'email', 'sent');
    expect(sent.transitions.map(({ to }) => to)).toEqual(['queued', 'failed', 'queued', 'sent']);
    await expect(open.service.replay(letter.delivery_ids)).rejects.toMatchObject({
      code: 'delivery.not-failed',
    });
  });

  it('is sent once although several have it begun again at the same moment', async () => {
    const user = await addUser(only('email'));
    email.answer = () => ({ outcome: 'rejected', error_code: '554', error_message: 'refused by policy' });
    const notification_id = await send(user);
    const { _id } = await until(user, notification_id, 'email', 'failed');
    const tried = email.messages.length;
    const countOpen = () => open.jobs.countOpen(deliverQueue);
    beforeReplay = meet(3);
    const replays = Promise.all([1, 2, 3].map(() => open.service.replay([String(_id)])));
    email.answer = async () => {
      // Nothing is answered before the other replays have had their turn.
      await replays;
      await eventually(countOpen, (jobs) => jobs === 1);
      return { outcome: 'accepted' };
    };
    await replays;
    const sent = await until(user, notification_id, 'email', 'sent');
    await eventually(countOpen, (jobs) => jobs === 0);
    expect(email.messages).toHaveLength(tried + 1);
    expect(sent.transitions.map(({ to }) => to)).toEqual(['queued', 'failed', 'queued', 'sent']);
  });

  it('cannot be begun again while it is under way', async () => {
    const user = await addUser(only('email'));
    email.answer = async ({ delivery_id }) => {
      await expect(open.service.replay([delivery_id])).rejects.toMatchObject({ code: 'delivery.not-failed' });
      return { outcome: 'accepted' };
    };
    await until(user, await send(user), 'email', 'sent');
    expect(email.messages).toHaveLength(1);
  });

  it('is not tried again when it has refused, and an address that is gone is taken out of use', async () => {
    const user = await addUser(only('email'));
    email.answer = () => ({
      ...{ outcome: 'rejected', error_code: '550', error_message: 'no such user' },
      address_gone: true,
    });
    await until(user, await send(user), 'email', 'failed');
    expect(email.messages).toHaveLength(1);
    const later = await send(user);
    await until(user, await send(user, { type: 'task.escalated', channels: ['sms'] }), 'sms', 'sent');
    expect(await open.models.find(listDeliveriesOfNotification, { notification_id: later })).toEqual([]);
    await open.postgres.pool.query(
      `update infratraq.users set email = 'new@example.com' where user_id = $1`,
      [user],
    );
    email.answer = () => ({ outcome: 'accepted' });
    await until(user, await send(user), 'email', 'sent');
  });
});

it('sends nobody a message again because another one could not be given up', async () => {
  const [fine, refused] = [await addUser(only('email')), await addUser(only('email'))];
  deadLettersAreFull = true;
  email.answer = ({ recipient_id }) =>
    recipient_id === fine
      ? { outcome: 'accepted' }
      : { outcome: 'rejected', error_code: '554', error_message: 'refused by policy' };
  const { notification_id } = await open.service.send({
    ...{ to: { users: [fine, refused] }, type: 'task.assigned', data: { task: 'Deck' } },
  });
  await email.received(3);
  deadLettersAreFull = false;
  await until(refused, notification_id, 'email', 'failed');
  await until(fine, notification_id, 'email', 'sent');
  expect(email.messages.filter(({ recipient_id }) => recipient_id === fine)).toHaveLength(1);
  expect(dead.filter((letter) => letter.notification_id === notification_id)).toHaveLength(1);
});

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
    ...{ outcome: 'rejected', error_code: 'INVALID', error_message: 'no' },
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

it('logs what the SMS gateway said, and what it reports later in any order', async () => {
  const user = await addUser(only('sms'));
  const { provider_message_id } = await until(user, await send(user), 'sms', 'sent');
  const report = { provider: 'test_sms', provider_message_id: provider_message_id!, at: new Date() };
  for (const state of ['delivered', 'failed', 'sent'] as const)
    await open.service.report({ ...report, state });
  const [log] = await open.models.of(SmsDeliveryLog).find({ user_id: user }).lean<SmsDeliveryLog[]>();
  expect(log).toMatchObject({ status: 'delivered', to_number: expect.stringMatching(/^\+43/) });
  expect(log?.events.map(({ status }) => status)).toEqual(['accepted', 'delivered', 'failed', 'sent']);
});

it('waits with a report about a message whose acceptance is not stored yet', async () => {
  const user = await addUser(only('email'));
  let accept: (() => void) | undefined;
  email.answer = async ({ delivery_id }) => {
    await new Promise<void>((resolve) => (accept = resolve));
    return { outcome: 'accepted', provider_message_id: `early-${delivery_id}` };
  };
  const notification_id = await send(user);
  const [message] = await eventually(
    async () => email.messages,
    (messages) => messages.length === 1,
  );
  await open.service.report({
    ...{ provider: 'test_email', provider_message_id: `early-${message!.delivery_id}` },
    ...{ state: 'delivered', at: new Date() },
  });
  accept!();
  await until(user, notification_id, 'email', 'delivered');
});

describe('just before it is sent', () => {
  const isSent = (delivery: NotificationDelivery) => delivery.state === 'sent';

  /** Lets a first try fail, so that the second one finds what has changed meanwhile. */
  async function changeBetweenTries(
    user: string,
    change: (id: string) => Promise<void> | void,
    request: Partial<NotificationRequest> = {},
  ) {
    email.answer = async ({ attempt, notification_id }) => {
      if (attempt === 1) await change(notification_id);
      return attempt === 1
        ? { outcome: 'unreachable', error_code: 'ETIMEDOUT', error_message: 'slow' }
        : { outcome: 'accepted' };
    };
    return send(user, request);
  }

  it('is held back where the recipient has muted it', async () => {
    const user = await addUser(only('email'));
    const id = await changeBetweenTries(
      user,
      () => void preferences.set(user, { notifications: [{ type: '*', channels: [] }] }),
    );
    await until(user, id, 'email', 'suppressed');
    expect(email.messages).toHaveLength(1);
  });

  it('expires where it comes too late to be of use', async () => {
    const user = await addUser(only('email'));
    const not_after = new Date(Date.now() + 60_000);
    const later = new Date(Date.now() + 120_000);
    const id = await changeBetweenTries(user, () => void (now = () => later), { not_after });
    await until(user, id, 'email', 'expired');
  });

  it('expires while it waits for its turn at a provider that is slow', async () => {
    const users = [await addUser(only('push')), await addUser(only('push'))];
    for (const user of users) await addDevice(user, { kind: 'fcm', token: user });
    const not_after = new Date(Date.now() + 60_000);
    push.answer = () => {
      now = () => not_after;
      return { outcome: 'accepted' };
    };
    const { notification_id } = await open.service.send({
      ...{ to: { users }, type: 'task.assigned', data: { task: 'Deck' }, not_after },
    });
    const deliveries = await eventually(
      () => open.models.find(listDeliveriesOfNotification, { notification_id }),
      (found) => found.length === 2 && found.every(({ state }) => state !== 'queued'),
    );
    expect(deliveries.map(({ state }) => state).sort()).toEqual(['expired', 'sent']);
    expect(push.messages).toHaveLength(1);
  });

  it.each<[NotificationDelivery['state'], (user: string, id: string) => Promise<void> | void]>([
    ['cancelled', (_, id) => open.service.cancel(id)],
    ['suppressed', (user) => void preferences.set(user, { notifications: [{ type: '*', channels: [] }] })],
  ])('is %s also where that is decided while it waits for its turn', async (state, decide) => {
    const users = [await addUser(only('push')), await addUser(only('push'))];
    for (const user of users) await addDevice(user, { kind: 'fcm', token: user });
    push.answer = async ({ recipient_id, notification_id }) => {
      await decide(
        users.find((user) => user !== recipient_id)!,
        notification_id,
      );
      const later = new Date(Date.now() + 1_500);
      now = () => later;
      return { outcome: 'accepted' };
    };
    const { notification_id } = await open.service.send({
      ...{ to: { users }, type: 'task.assigned', data: { task: 'Deck' } },
    });
    const deliveries = await eventually(
      () => open.models.find(listDeliveriesOfNotification, { notification_id }),
      (found) => found.every((delivery) => delivery.state !== 'queued') && found.some(isSent),
    );
    expect(deliveries.map((delivery) => delivery.state).sort()).toEqual([state, 'sent'].sort());
    expect(push.messages).toHaveLength(1);
  });

  it('is not sent where it was cancelled, whose inbox item stays', async () => {
    const user = await addUser();
    const id = await changeBetweenTries(user, (notification_id) => open.service.cancel(notification_id));
    await until(user, id, 'email', 'cancelled');
    expect((await open.inbox.list(user, { limit: 10 })).items).toHaveLength(1);
  });

  it('waits where quiet hours have begun', async () => {
    const user = await addUser(only('email'));
    const quiet_hours = { enabled: true, from: '00:00', to: '23:59', weekdays: [1, 2, 3, 4, 5, 6, 7] };
    const id = await changeBetweenTries(user, () => {
      now = () => new Date('2030-05-05T12:00:00Z');
      preferences.set(user, { ...only('email'), quiet_hours });
    });
    const delivery = await eventually(
      async () =>
        (await open.models.findOne(findDelivery, {
          recipient_id: user,
          notification_id: id,
          channel: 'email',
        }))!,
      (found) => found?.due_at.toISOString() === '2030-05-05T23:59:00.000Z',
    );
    expect(delivery.state).toBe('queued');
  });

  it('goes out all the same where it is critical', async () => {
    const quiet_hours = { enabled: true, from: '00:00', to: '23:59', weekdays: [1, 2, 3, 4, 5, 6, 7] };
    const user = await addUser({ notifications: [{ type: '*', channels: [] }], quiet_hours });
    now = () => new Date('2030-05-05T12:00:00Z');
    await until(user, await send(user, { type: 'task.escalated' }), 'email', 'sent');
    expect(email.messages[0]).toMatchObject({ urgency: 'high' });
  });
});

it('falls back to the next channel only while nobody has read it', async () => {
  const [reader, other] = [await addUser(), await addUser()];
  for (const user of [reader, other]) await addDevice(user, { kind: 'fcm', token: user });
  const { notification_id } = await open.service.send({
    ...{ to: { users: [reader, other] }, type: 'task.chained', data: { task: 'Deck' } },
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

it('collects a digest into one message per recipient and window', async () => {
  const user = await addUser({ ...only('email'), digest: { frequency: 'hourly', at: '08:00', weekday: 1 } });
  // A clock that stands still half an hour before a full one.
  const half = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 - 1_800_000);
  now = () => half;
  const ids: string[] = [];
  const not_after = new Date(half.getTime() + 1_860_000);
  for (const task of ['One', 'Two', 'Three <3>'])
    ids.push(
      await send(user, {
        data: { task },
        ...(task === 'One' && { not_after }),
        ...(task === 'Two' && { type: 'task.chained' }),
      }),
    );
  for (const notification_id of ids) {
    const queued = await eventually(
      () => open.models.find(listDeliveriesOfNotification, { notification_id }),
      (deliveries) => deliveries.length === 1,
    );
    expect(queued[0]).toMatchObject({ state: 'queued', digest_id: expect.any(String) });
  }
  now = () => new Date(half.getTime() + 1_800_000);
  await open.hastenJobs(1_800_000);
  await email.received(1);
  for (const id of ids) await until(user, id, 'email', 'sent');
  expect(email.messages).toHaveLength(1);
  expect(email.messages[0]).toMatchObject({ title: '3 notifications' });
  expect(email.messages[0]!.html).toContain('Three &lt;3&gt; is yours');
  const [, , left] = email.messages[0]!.unsubscribe_url!.split(':');
  expect(left!.split(',').sort()).toEqual(['task.assigned', 'task.chained']);
  // Of use for longer than the first of them.
  expect(email.messages[0]).not.toHaveProperty('not_after');
});

it('keeps one inbox item for what shares a key while it is unread, and says how many it stands for', async () => {
  const user = await addUser(only('in_app'));
  const ask = (task: string) =>
    send(user, { data: { task }, collapse_key: 'thread:1', idempotency_key: task });
  const titles = async () =>
    (await open.inbox.list(user, { limit: 10 })).items.map(({ title, collapsed_count }) => [
      title,
      collapsed_count,
    ]);
  for (const task of ['One', 'Two', 'Three']) {
    const changed = once(open.service.events, 'inbox:changed');
    await ask(task);
    expect(await changed).toMatchObject([{ user_id: user }]);
    await eventually(titles, ([first]) => first?.[0] === `${task} is yours`);
  }
  expect(await titles()).toEqual([['Three is yours', 3]]);
  await open.service.retract('Three');
  await eventually(titles, ([first]) => first?.[1] === 2);
  expect(await titles()).toEqual([['Two is yours', 2]]);
  const { items } = await open.inbox.list(user, { limit: 1 });
  await open.inbox.markRead(user, String(items[0]!._id));
  await ask('Four');
  await eventually(titles, (all) => all.length === 2);
  expect(await open.inbox.countUnread(user)).toBe(1);
  await Promise.all(['Five', 'Six', 'Seven'].map(ask));
  await eventually(titles, ([first]) => first?.[1] === 4);
  expect(await titles()).toHaveLength(2);
});

it('lets one through per throttle key and window', async () => {
  const user = await addUser(only('email'));
  const first = await send(user, { data: { task: 'One' }, throttle_key: 'storm' });
  for (const task of ['Two', 'Three']) await send(user, { data: { task }, throttle_key: 'storm' });
  // Those before it have been planned by then; they are sent in any order.
  await until(user, await send(user, { data: { task: 'Other' }, throttle_key: 'calm' }), 'email', 'sent');
  await until(user, first, 'email', 'sent');
  expect(email.messages.map(({ title }) => title).sort()).toEqual(['One is yours', 'Other is yours']);
  const later = new Date(Date.now() + 3_601_000);
  now = () => later;
  await until(user, await send(user, { data: { task: 'Four' }, throttle_key: 'storm' }), 'email', 'sent');
});

it('sends once for an idempotency key, however often and from wherever it is asked', async () => {
  const user = await addUser(only('email'));
  const ids = await Promise.all(Array.from({ length: 8 }, () => send(user, { idempotency_key: 'once' })));
  expect(new Set(ids).size).toBe(1);
  await until(user, ids[0]!, 'email', 'sent');
  await until(user, await send(user), 'email', 'sent');
  expect(email.messages).toHaveLength(2);
});

it('tells groups and followers, each once, and not whoever caused it', async () => {
  const users = [await addUser(only('email')), await addUser(only('email')), await addUser(only('email'))];
  const [first, second, third] = users as [string, string, string];
  const { db } = open.postgres;
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
      ...{ users: [first], groups: ['crew'], except: [third] },
      followers_of: { entity_type: 'bridge', entity_id: '7' },
    },
    ...{ type: 'task.assigned', data: { task: 'Deck' } },
  });
  for (const user of [first, second]) await until(user, notification_id, 'email', 'sent');
  expect(email.messages.map(({ recipient_id }) => recipient_id).sort()).toEqual([first, second].sort());
});
