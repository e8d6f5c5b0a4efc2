import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runAsActor } from '@infratraq/kernel';
import { eventually } from '@infratraq/engines';
import { findDelivery } from '../collections/notification-delivery.queries.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { openNotifications, type OpenNotifications } from '../testing/open-notifications.js';
import { RecordingSender } from '../testing/recording-sender.js';

let open: OpenNotifications;
const email = new RecordingSender('email');

beforeAll(async () => {
  open = await openNotifications({ senders: [email] });
  await open.service.start();
  await open.addUsers(
    { user_id: 'ada', email: 'ada@example.com' },
    { user_id: 'bea', email: 'bea@example.com' },
  );
});
afterAll(() => open.close());

const stateOf = (recipient_id: string, notification_id: string, channel: 'email' | 'in_app') =>
  open.models.findOne(findDelivery, { recipient_id, notification_id, channel });

it('sends what was asked for on the channels of its type, and keeps how far it got', async () => {
  const { notification_id } = await runAsActor({ user_id: 'carl', roles: [], cause_id: 'cause-1' }, () =>
    open.service.send({ to: { users: ['ada'] }, type: 'task.assigned', data: { task: 'Deck <7>' } }),
  );
  const [message] = await email.received(1);
  expect(message).toMatchObject({
    address: { channel: 'email', email: 'ada@example.com', name: 'ada' },
    title: 'Deck <7> is yours',
    html: '<p>Dear ada, Deck &lt;7&gt; is yours.</p>',
    body: 'Dear ada, Deck <7> is yours.',
    attempt: 1,
  });
  const sent = await eventually(
    () => stateOf('ada', notification_id, 'email'),
    (delivery) => delivery?.state === 'sent',
  );
  expect(sent).toMatchObject({
    provider: 'test_email',
    provider_message_id: `test_email-${message!.delivery_id}`,
    cause_id: 'cause-1',
    transitions: [{ to: 'queued' }, { to: 'sent' }],
    attempts: [{ attempt: 1, outcome: 'accepted' }],
    template: { name: 'task.assigned/email', locale: 'en' },
  });
  const { items } = await open.inbox.list('ada', { limit: 10 });
  expect(items).toMatchObject([{ title: 'Deck <7> is yours', url: '/tasks' }]);
});

it('takes in what the provider reports later, and nothing moves backwards', async () => {
  const { notification_id } = await open.service.send({
    to: { users: ['bea'] },
    type: 'task.assigned',
    data: { task: 'Rail' },
  });
  await eventually(
    () => stateOf('bea', notification_id, 'email'),
    (delivery) => delivery?.state === 'sent',
  );
  const { provider, provider_message_id } = (await stateOf('bea', notification_id, 'email'))!;
  const report = { provider: provider!, provider_message_id: provider_message_id!, at: new Date() };
  await open.service.report({ ...report, state: 'delivered' });
  await open.service.report({ ...report, state: 'sent' });
  await open.service.report({ ...report, state: 'delivered' });
  expect(await stateOf('bea', notification_id, 'email')).toMatchObject({
    state: 'delivered',
    transitions: [{ to: 'queued' }, { to: 'sent' }, { to: 'delivered' }],
  });
});

it('sends if and only if the transaction that asked for it commits', async () => {
  const request = { to: { users: ['ada'] }, type: 'task.assigned', data: { task: 'Weld' } };
  const rolledBack = open.postgres.transaction(async (transaction) => {
    await open.service.send({ ...request, data: { task: 'Never' } }, { transaction });
    throw new Error('the work failed');
  });
  await expect(rolledBack).rejects.toThrow('the work failed');
  let during = 0;
  const before = email.messages.length;
  await open.postgres.transaction(async (transaction) => {
    await open.service.send(request, { transaction });
    during = email.messages.length;
  });
  await email.received(before + 1);
  expect(during).toBe(before);
  await eventually(
    () => open.models.of(NotificationDelivery).countDocuments({ state: 'queued' }),
    (count) => count === 0,
  );
  expect(email.messages.filter(({ title }) => title.startsWith('Never'))).toEqual([]);
  const { rows } = await open.postgres.pool.query(
    `select 1 from infratraq.notification_outbox where request->'data'->>'task' = 'Never'`,
  );
  expect(rows).toEqual([]);
});

it('sends within the transaction of a client that is not ours, if and only if it commits', async () => {
  const client = await open.postgres.pool.connect();
  const send = async (task: string, end: 'commit' | 'rollback') => {
    await client.query('begin');
    const data = { task };
    const request = {
      to: { users: ['bea'] },
      type: 'task.assigned',
      data,
      idempotency_key: `${task} ${end}`,
    };
    const first = await open.service.send(request, { transaction: client });
    const again = await open.service.send(request, { transaction: client });
    expect(again).toEqual(first);
    await client.query(end);
    return first.notification_id;
  };
  try {
    const rolledBack = await send('Paint', 'rollback');
    const committed = await send('Paint', 'commit');
    await eventually(
      () => stateOf('bea', committed, 'email'),
      (delivery) => delivery?.state === 'sent',
    );
    expect(await open.models.of(NotificationDelivery).countDocuments({ notification_id: rolledBack })).toBe(
      0,
    );
    await expect(open.service.cancel(rolledBack, { transaction: client })).rejects.toMatchObject({
      code: 'notification.unknown',
    });
  } finally {
    client.release();
  }
});

it('says what is wrong with a request, and where', async () => {
  const refusals: [() => unknown, string, string][] = [
    [() => open.service.send({ to: 5 } as never), 'notification.request', '/to'],
    [
      () => open.service.send({ to: { users: [7] }, type: 'a.b' } as never),
      'notification.request',
      '/to/users/0',
    ],
    [() => open.service.send(undefined as never), 'notification.request', '/'],
    [
      () => open.service.send({ to: {}, type: 'task.assigned', data: { task: 'x' } }),
      'notification.audience',
      '',
    ],
    [
      () => open.service.send({ to: { users: ['ada'] }, type: 'task.assigned', data: { task: 1 } }),
      'notification.data',
      '/data/task',
    ],
    [() => open.service.cancel('7'), 'notification.id', '/'],
    [() => open.service.retract(7 as never), 'notification.idempotency-key', '/'],
    [() => open.service.report({ provider: 'smtp' } as never), 'notification.report', '/state'],
    [() => open.service.takeFeedback({ kind: 'liked' } as never), 'notification.feedback', '/kind'],
    [() => open.service.replay('7' as never), 'delivery.ids', '/'],
    [
      async () => open.service.preview({ type: 'task.assigned' } as never),
      'notification.preview',
      '/channel',
    ],
  ];
  for (const [call, code, path] of refusals)
    await expect(call()).rejects.toMatchObject({
      code,
      status: 400,
      ...(path !== '' && { errors: expect.arrayContaining([expect.objectContaining({ path })]) }),
    });
});
