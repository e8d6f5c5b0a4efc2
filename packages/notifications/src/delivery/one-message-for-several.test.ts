import { expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { once } from 'node:events';
import { listDeliveriesOfNotification } from '../collections/notification-delivery.queries.js';
import { only, useDeliveries } from '../testing/use-deliveries.js';

const open = useDeliveries({ unsubscribeUrlOf: (user, types) => `leave:${user}:${types.join()}` });
const { email, clock, addUser, send, until } = open;

it('collects a digest into one message per recipient and window', async () => {
  const user = await addUser({ ...only('email'), digest: { frequency: 'hourly', at: '08:00', weekday: 1 } });
  // A clock that stands still half an hour before a full one.
  const half = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 - 1_800_000);
  clock.now = () => half;
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
  clock.now = () => new Date(half.getTime() + 1_800_000);
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
  clock.now = () => later;
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
