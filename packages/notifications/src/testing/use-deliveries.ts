import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { NotificationRequest, RecipientPreferences } from '@infratraq/kernel';
import { eventually } from '@infratraq/engines';
import { findDelivery } from '../collections/notification-delivery.queries.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import { defineNotificationType } from '../templates/notification-type.js';
import { openNotifications, taskAssigned, type OpenNotifications } from './open-notifications.js';
import { RecordingSender } from './recording-sender.js';
import type { NotificationTables } from '../postgres/tables.js';

type Channel = 'email' | 'push' | 'sms' | 'in_app';

const urgent = defineNotificationType({ ...taskAssigned, type: 'task.escalated', critical: true });
const chained = defineNotificationType({
  ...taskAssigned,
  type: 'task.chained',
  defaultChannels: ['in_app', 'push', 'email'] as const,
  fallback: [{ channel: 'email', after_seconds: 600 }],
});

/**
 * Gives a suite notifications that are delivered to a recording provider for each channel, which take everything again
 * when a test begins. Three tries are made of each delivery, and one push at a time. Besides `task.assigned` there are
 * `task.escalated`, which is critical, and `task.chained`, which is mailed ten minutes after the push.
 */
export function useDeliveries(settings: Parameters<typeof openNotifications>[0] = {}) {
  const [email, push, sms] = [
    new RecordingSender('email'),
    new RecordingSender('push'),
    new RecordingSender('sms'),
  ];
  const preferences = new Map<string, Partial<RecipientPreferences>>();
  const clock = { now: () => new Date() };
  let open: OpenNotifications;
  let users = 0;

  beforeAll(async () => {
    open = await openNotifications({
      senders: [email, push, sms],
      preferences,
      types: [taskAssigned, urgent, chained] as never[],
      retry: { attempts: 3, firstDelaySeconds: 0.1, longestDelaySeconds: 0.2 },
      limits: { test_sms: { perSecond: 1_000 }, test_push: { concurrent: 1 } },
      now: () => clock.now(),
      onError: () => undefined,
      ...settings,
    });
    await open.service.start();
  });
  afterAll(() => open.close());
  beforeEach(() => {
    clock.now = () => new Date();
    for (const sender of [email, push, sms]) {
      sender.messages.length = 0;
      sender.answer = ({ delivery_id }) => ({ outcome: 'accepted', provider_message_id: `m-${delivery_id}` });
    }
  });

  return {
    email,
    push,
    sms,
    preferences,
    /** What the deliveries go by; a test may put another time into it, and jobs are hastened apart from it. */
    clock,
    get service() {
      return open.service;
    },
    get models() {
      return open.models;
    },
    get inbox() {
      return open.inbox;
    },
    get postgres() {
      return open.postgres;
    },
    get jobs() {
      return open.jobs;
    },
    hastenJobs: (milliseconds: number) => open.hastenJobs(milliseconds),
    /** A new user, with an address of each kind. */
    async addUser(own: Partial<RecipientPreferences> = {}): Promise<string> {
      const user_id = `user-${(users += 1)}`;
      await open.addUsers({ user_id, email: `${user_id}@example.com`, phone: `+4366012345${100 + users}` });
      preferences.set(user_id, own);
      return user_id;
    },
    addDevice: async (user_id: string, target: object) =>
      (
        await open.postgres
          .withTables<NotificationTables>()
          .db.insertInto('infratraq.device_registrations')
          .values({ user_id, platform: 'ios', push_target: JSON.stringify(target) })
          .returning('device_id')
          .executeTakeFirstOrThrow()
      ).device_id,
    /** Sends a user what a test says of it, and `task.assigned` about a deck for the rest. */
    send: async (user: string, request: Partial<NotificationRequest> = {}) =>
      (
        await open.service.send({
          to: { users: [user] },
          type: 'task.assigned',
          data: { task: 'Deck' },
          ...request,
        })
      ).notification_id,
    /** Resolves with the delivery once it has come to a state. */
    until: (
      recipient_id: string,
      notification_id: string,
      channel: Channel,
      state: NotificationDelivery['state'],
    ) =>
      eventually(
        async () => (await open.models.findOne(findDelivery, { recipient_id, notification_id, channel }))!,
        (delivery) => delivery?.state === state,
      ),
  };
}

/** Preferences of somebody who wants everything on one channel. */
export const only = (channel: Channel) => ({ notifications: [{ type: '*', channels: [channel] }] });
