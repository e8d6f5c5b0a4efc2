import { currentActor } from '@infratraq/kernel';
import {
  notificationQueues,
  openInAppSender,
  openNotifications,
  trackClicks,
  type NotificationService,
  type Sender,
} from '@infratraq/notifications';
import { deviceRoutes } from '@infratraq/notifications/devices';
import { notificationGateway } from '@infratraq/notifications/gateway';
import { notificationHooks } from '@infratraq/notifications/hooks';
import { notificationMigrations } from '@infratraq/notifications/postgres';
import { notificationRoutes } from '@infratraq/notifications/routes';
import type { PreferenceServices } from '@infratraq/preferences';
import type { AccessServices } from '../access/index.js';
import type { Feature } from '../feature.js';
import type { LinkServices } from '../links/index.js';
import type { MailServices } from '../mail/index.js';
import type { Platform } from '../platform/platform.js';
import { hookOptionsOf } from './hook-options.js';
import { keepDeadDelivery, settleDeadDeliveries, type DeadDeliveryPayload } from './keep-dead-deliveries.js';
import { createMailLinks } from './mail-links.js';
import { notificationTypes } from './notification-types.js';
import { openSenders } from './open-senders.js';

/** What other features may ask of notifications. */
export interface NotificationServices {
  readonly notifications: NotificationService;
}

/** Tells people: the inbox, mail, text messages and pushes, by each recipient's preferences. */
export const notifications: Feature<
  { access: AccessServices; links: LinkServices; mail: MailServices; preferences: PreferenceServices },
  NotificationServices
> = {
  migrations: [notificationMigrations],
  jobs: notificationQueues,
  open: async (platform, { access, links: { revocations }, mail, preferences }, defer) => {
    const { environment, models, postgres, jobs, confinedJobs, tokens, onError, onMissed } = platform;
    const links = createMailLinks(platform);
    const senders = await openAllSenders(platform, mail);
    const tracked = links
      ? senders.map((sender) => trackClicks(sender, { links: links.clicks, types: notificationTypes }))
      : senders;
    const opened = await openNotifications({
      models,
      postgres,
      jobs,
      workers: false,
      types: notificationTypes,
      // The history has links as they were meant: whoever follows one there is not the recipient.
      senders: tracked.map(mail.record),
      whoSees: (entity, userIds) => access.whoSees(entity, userIds),
      preferencesOf: (userIds) => preferences.settings.recipientPreferencesOfAll(userIds),
      unsubscribeUrlOf: (recipientId, types) => links?.unsubscribe.urlFor(recipientId, types),
      keepDeadDelivery: (dead) => keepDeadDelivery(models, dead),
      settleDeadDelivery: (ids) => settleDeadDeliveries(models, ids, currentActor()?.user_id ?? 'server'),
      onError,
    });
    defer(() => opened.close());
    const { notifications: service, inbox, devices } = opened;
    return {
      services: { notifications: service },
      routes: async (api) => {
        await api.register(notificationRoutes, opened);
        await api.register(deviceRoutes, {
          devices,
          vapidPublicKey: environment.VAPID_PUBLIC_KEY,
          pushHosts: environment.WEB_PUSH_HOSTS,
        });
        await api.register(
          notificationHooks,
          hookOptionsOf(environment, {
            notifications: service,
            preferences,
            links,
            confinedJobs,
            revocations,
          }),
        );
      },
      deadLetterReplays: {
        notification: async ({ payload }) => {
          await service.replay((payload as DeadDeliveryPayload).delivery_ids);
          return 'replayed';
        },
      },
      gateways: (io, started) => {
        const { authenticate } = tokens;
        const namespace = io.of('/notifications');
        const { events } = service;
        const report = (error: unknown) => onError(error, 'serving inboxes');
        const gateway = notificationGateway(namespace, { inbox, authenticate, events, onError: report });
        onMissed('/notifications', (missed) => gateway.recover(missed));
        started(() => gateway.close());
      },
      start: () => service.start(),
    };
  },
};

async function openAllSenders(
  { environment, io, log }: Platform,
  { returnPathOf }: MailServices,
): Promise<Sender[]> {
  const inApp = await openInAppSender({ namespace: io.of('/notifications') });
  return [...(await openSenders(environment, log, returnPathOf)), inApp];
}
