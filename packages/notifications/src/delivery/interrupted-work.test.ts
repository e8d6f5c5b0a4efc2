import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { findDelivery, listDeliveriesOfNotification } from '../collections/notification-delivery.queries.js';
import type { DeadDelivery } from '../context/notification-context.js';
import { defineNotificationType } from '../templates/notification-type.js';
import { openNotifications, taskAssigned, type OpenNotifications } from '../testing/open-notifications.js';
import { RecordingSender } from '../testing/recording-sender.js';
import type { NotificationTables } from '../postgres/tables.js';

let open: OpenNotifications;
afterEach(() => open.close());

const data = { task: 'Deck' };
const ada = { user_id: 'ada', email: 'ada@example.com', phone: '+436601234567' };
const statesOf = async (notification_id: string) =>
  Object.fromEntries(
    (await open.models.find(listDeliveriesOfNotification, { notification_id })).map(({ channel, state }) => [
      channel,
      state,
    ]),
  );

it('a digest has what was stored for it, although its process was stopped and its window closed meanwhile', async () => {
  const email = new RecordingSender('email');
  let now = new Date('2030-05-05T12:59:59.500Z');
  let isStopped = true;
  open = await openNotifications({
    senders: [email],
    preferences: new Map([['ada', { digest: { frequency: 'hourly', at: '08:00', weekday: 1 } }]]),
    now: () => now,
    intercept: {
      jobs: (jobs) => ({
        ...jobs,
        async add(queue, rows, options) {
          if (queue.name === 'notification-digest' && isStopped) {
            isStopped = false;
            now = new Date('2030-05-05T13:00:01Z');
            throw new Error('stopped between storing and adding jobs');
          }
          await jobs.add(queue, rows, options);
        },
      }),
    },
  });
  await open.addUsers(ada);
  await open.service.start();
  const request = { to: { users: ['ada'] }, type: 'task.assigned', data, channels: ['email'] as const };
  await open.service.send(request);
  expect(await email.received(1)).toMatchObject([{ title: '1 notification' }]);
});

it('what joins a digest that has just gone out comes under a Message-ID of its own', async () => {
  const email = new RecordingSender('email');
  open = await openNotifications({
    senders: [email],
    preferences: new Map([['ada', { digest: { frequency: 'hourly', at: '08:00', weekday: 1 } }]]),
    now: () => new Date('2030-05-05T12:59:59.900Z'),
  });
  await open.addUsers(ada);
  await open.service.start();
  for (const [count, task] of [[1, 'Deck'] as const, [2, 'Rail'] as const]) {
    await open.service.send({
      to: { users: ['ada'] },
      type: 'task.assigned',
      data: { task },
      channels: ['email'],
    });
    await email.received(count);
  }
  const [first, second] = email.messages;
  expect(second!.html).toContain('Rail is yours');
  expect(second!.html).not.toContain('Deck is yours');
  expect(second!.delivery_id).not.toBe(first!.delivery_id);
});

it('an inbox item whose template cannot be filled fails alone, and is shown once it can be', async () => {
  const email = new RecordingSender('email');
  const dead: DeadDelivery[] = [];
  const careless = defineNotificationType({
    ...taskAssigned,
    type: 'task.greeted',
    templates: { ...taskAssigned.templates, in_app: { en: { title: 'From {{ by }}', body: '' } } },
  });
  open = await openNotifications({
    senders: [email],
    types: [careless] as never[],
    keepDeadDelivery: async (letter) => void dead.push(letter),
  });
  await open.addUsers(ada, { user_id: 'ben', email: 'ben@example.com' });
  await open.service.start();
  const { notification_id } = await open.service.send({
    to: { users: ['ada', 'ben'] },
    type: 'task.greeted',
    data,
  });
  await email.received(2);
  await eventually(
    async () => dead,
    (letters) => letters.length === 2,
  );
  expect(dead[0]).toMatchObject({ channel: 'in_app', reason: { code: 'notification.rendering' } });
  expect((await open.inbox.list('ada', { limit: 10 })).items).toEqual([]);
  expect(await open.inbox.countUnread('ada')).toBe(0);
  await open.postgres.pool.query(
    `update infratraq.notification_outbox set request = jsonb_set(request, '{data,by}', '"Ben"')`,
  );
  await eventually(
    () =>
      open.models.findOne(findDelivery, { notification_id, recipient_id: 'ada', channel: 'in_app' as const }),
    (delivery) => delivery?.state === 'failed',
  );
  await open.service.replay(dead.find(({ recipient_id }) => recipient_id === 'ada')!.delivery_ids);
  const [item] = (
    await eventually(
      () => open.inbox.list('ada', { limit: 10 }),
      ({ items }) => items.length === 1,
    )
  ).items;
  expect(item).toMatchObject({ title: 'From Ben', unread: true, state: 'sent' });
});

it('a report that comes between the storing of the gateway’s answer and of the delivery is not lost', async () => {
  const sms = new RecordingSender('sms');
  let reported = false;
  open = await openNotifications({
    senders: [sms],
    intercept: {
      models: (models) => ({
        ...models,
        async updateEach(target, updates) {
          if (!reported) {
            reported = true;
            const provider_message_id = `test_sms-${sms.messages[0]!.delivery_id}`;
            await open.service.report({
              provider: 'test_sms',
              provider_message_id,
              state: 'delivered',
              at: new Date(),
            });
          }
          await models.updateEach(target, updates);
        },
      }),
    },
  });
  await open.addUsers(ada);
  await open.service.start();
  const request = { to: { users: ['ada'] }, type: 'task.assigned', data, channels: ['sms'] as const };
  open.preferences.set('ada', { notifications: [{ type: '*', channels: ['sms'] }] });
  const { notification_id } = await open.service.send(request);
  await eventually(
    () => statesOf(notification_id),
    ({ sms: state }) => state === 'delivered',
  );
});

it('a push of which only the push service’s answer was stored is not pushed again, and counts as sent', async () => {
  const push = new RecordingSender('push');
  let isStopped = true;
  open = await openNotifications({
    senders: [push],
    preferences: new Map([['ada', { notifications: [{ type: '*', channels: ['push'] }] }]]),
    intercept: {
      models: (models) => ({
        ...models,
        async updateEach(target, updates) {
          if (isStopped) {
            isStopped = false;
            throw new Error('stopped between the answer and the delivery');
          }
          await models.updateEach(target, updates);
        },
      }),
    },
  });
  await open.addUsers(ada);
  await open.postgres
    .withTables<NotificationTables>()
    .db.insertInto('infratraq.device_registrations')
    .values({ user_id: 'ada', platform: 'ios', push_target: JSON.stringify({ kind: 'fcm', token: 'one' }) })
    .execute();
  await open.service.start();
  const { notification_id } = await open.service.send({
    to: { users: ['ada'] },
    type: 'task.assigned',
    data,
  });
  await eventually(
    () => statesOf(notification_id),
    ({ push: state }) => state === 'sent',
  );
  expect(push.messages).toHaveLength(1);
});
