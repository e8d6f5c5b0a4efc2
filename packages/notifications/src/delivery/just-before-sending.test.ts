import { describe, expect, it } from '@jest/globals';
import type { NotificationRequest } from '@infratraq/kernel';
import { eventually } from '@infratraq/engines';
import { findDelivery, listDeliveriesOfNotification } from '../collections/notification-delivery.queries.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import { only, useDeliveries } from '../testing/use-deliveries.js';

const open = useDeliveries();
const { email, push, preferences, clock, addUser, addDevice, send, until } = open;

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
    const id = await changeBetweenTries(user, () => void (clock.now = () => later), { not_after });
    await until(user, id, 'email', 'expired');
  });

  it('expires while it waits for its turn at a provider that is slow', async () => {
    const users = [await addUser(only('push')), await addUser(only('push'))];
    for (const user of users) await addDevice(user, { kind: 'fcm', token: user });
    const not_after = new Date(Date.now() + 60_000);
    push.answer = () => {
      clock.now = () => not_after;
      return { outcome: 'accepted' };
    };
    const { notification_id } = await open.service.send({
      to: { users },
      type: 'task.assigned',
      data: { task: 'Deck' },
      not_after,
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
      clock.now = () => later;
      return { outcome: 'accepted' };
    };
    const { notification_id } = await open.service.send({
      to: { users },
      type: 'task.assigned',
      data: { task: 'Deck' },
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
      clock.now = () => new Date('2030-05-05T12:00:00Z');
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
    clock.now = () => new Date('2030-05-05T12:00:00Z');
    await until(user, await send(user, { type: 'task.escalated' }), 'email', 'sent');
    expect(email.messages[0]).toMatchObject({ urgency: 'high' });
  });
});
