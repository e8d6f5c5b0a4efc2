import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { z } from 'zod';
import { listDeliveriesOfNotification } from '../collections/notification-delivery.queries.js';
import { defineNotificationType } from '../templates/notification-type.js';
import { openNotifications, taskAssigned, type OpenNotifications } from '../testing/open-notifications.js';
import { RecordingSender } from '../testing/recording-sender.js';

const text = { title: '{{ title }}', body: '{{ title }}', url: '{{ url }}' };
const noticePosted = defineNotificationType({
  type: 'notice.posted',
  schema: z.object({ title: z.string(), url: z.string().default('/') }),
  defaultChannels: ['in_app'],
  templates: { in_app: { en: text }, push: { en: text } },
});
let open: OpenNotifications;
beforeAll(async () => {
  open = await openNotifications({
    senders: [new RecordingSender('email')],
    types: [taskAssigned, noticePosted],
    whoSees: async ({ entity_id }, users) => (entity_id === 'hidden' ? [] : users),
  });
  await open.service.start();
  await open.addUsers({ user_id: 'ada', email: 'ada@example.com', phone: '+436601234567' });
});
afterAll(() => open.close());

const request = { to: { users: ['ada'] }, type: 'task.assigned', data: { task: 'Deck' } };
const deliveriesOf = (notification_id: string, count: number) =>
  eventually(
    () => open.models.find(listDeliveriesOfNotification, { notification_id }),
    (found) => found.length === count,
  );

describe('a key that is used again', () => {
  it('answers the first for the same notification, in any order of its members, and refuses another', async () => {
    const keyed = { ...request, idempotency_key: 'k-1' };
    const first = await open.service.send(keyed);
    const again = await open.service.send({
      idempotency_key: 'k-1',
      data: { task: 'Deck' },
      type: request.type,
      to: { users: ['ada'] },
    });
    expect(again).toEqual(first);
    for (const other of [
      { data: { task: 'Rail' } },
      { to: { users: ['bea'] } },
      { channels: ['sms' as const] },
    ])
      await expect(open.service.send({ ...keyed, ...other })).rejects.toMatchObject({
        code: 'notification.key-reused',
        status: 409,
      });
  });
});

describe('a time until which a notification is of use', () => {
  it('is refused once it has passed, unless the notification was accepted before', async () => {
    const not_after = new Date(Date.now() + 300);
    const keyed = { ...request, not_after, idempotency_key: 'k-2' };
    const first = await open.service.send(keyed);
    const late = { ...request, not_after: new Date(Date.now() - 1) };
    await expect(open.service.send(late)).rejects.toMatchObject({
      code: 'notification.expired',
      status: 400,
      errors: [{ path: '/not_after' }],
    });
    await eventually(() => Date.now() > not_after.getTime(), Boolean);
    expect(await open.service.send(keyed)).toEqual(first);
  });
});

describe('channels that are asked for in vain', () => {
  it.each([
    [{ ...request, channels: ['sms'] as const }, 'no provider is set up for sms'],
    [
      { ...request, type: 'notice.posted', data: { title: 'x' }, channels: ['email'] as const },
      'notice.posted has no template for email',
    ],
  ])('leave a record of %j', async (asked, reason) => {
    const { notification_id } = await open.service.send(asked);
    const [delivery] = await deliveriesOf(notification_id, 1);
    expect(delivery).toMatchObject({ state: 'suppressed', transitions: [{ to: 'suppressed', reason }] });
  });
});

describe('recipients who get nothing', () => {
  it('leave a record each: those whom nobody knows, and those who may not see the entity', async () => {
    const unknown = await open.service.send({ ...request, to: { users: ['nobody-of-that-name'] } });
    const entity = { entity_type: 'projects', entity_id: 'hidden' };
    const hidden = await open.service.send({ ...request, entity });
    const reasons: unknown[] = [];
    for (const { notification_id } of [unknown, hidden]) {
      const [delivery] = await deliveriesOf(notification_id, 1);
      reasons.push([delivery?.state, delivery?.transitions[0]?.reason]);
    }
    expect(reasons).toEqual([
      ['suppressed', 'there is no active user of this name'],
      ['suppressed', 'the recipient may not see the entity'],
    ]);
    expect((await open.inbox.list('nobody-of-that-name', { limit: 10 })).items).toEqual([]);
  });
});

describe('texts', () => {
  const family = '👨‍👩‍👧‍👦';
  const post = async (data: { title: string; url?: string }) => {
    const { notification_id } = await open.service.send({ ...request, type: 'notice.posted', data });
    const [item] = await deliveriesOf(notification_id, 1);
    return item!;
  };

  it.each(['\ud83d', 'a\0'])('that no database keeps are refused: %j', async (title) => {
    await expect(post({ title })).rejects.toMatchObject({ code: 'text.invalid', status: 400 });
  });

  it('are kept in one line and cut between characters', async () => {
    const { title } = await post({ title: `a\r\nb${family.repeat(30)}${'👍'.repeat(600)}` });
    expect(title?.startsWith(`a b${family}`)).toBe(true);
    expect(title?.endsWith('👍…')).toBe(true);
  });

  it.each([
    ['/tasks?id=1', '/tasks?id=1'],
    ['https://example.org/a', 'https://example.org/a'],
    ['javascript:alert(1)', undefined],
    [' JavaScript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,<script>', undefined],
    [`https://example.org/${'a'.repeat(2_000)}`, undefined],
  ])('lead to %j as %j', async (url, kept) => {
    expect((await post({ title: 'x', url })).url).toBe(kept);
  });
});
