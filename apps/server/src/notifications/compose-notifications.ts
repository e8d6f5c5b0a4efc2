import { currentActor } from '@infratraq/kernel';
import type { UnsubscribeLinks } from '@infratraq/notifications/hooks';
import type { Models } from '@infratraq/mongo';
import { Inbox, NotificationService, type Sender } from '@infratraq/notifications';
import { createNotificationDirectory, type Jobs, type Postgres } from '@infratraq/postgres';
import type { PreferenceServices } from '@infratraq/preferences';
import type { Logger } from 'pino';
import { keepDeadDelivery, settleDeadDeliveries } from './keep-dead-deliveries.js';
import { notificationTypes } from './notification-types.js';

/** What this server's notifications stand on. */
export interface NotificationsPlatform {
  readonly models: Models;
  readonly postgres: Postgres;
  readonly jobs: Jobs;
  readonly senders: readonly Sender[];
  /** Absent without a public address. */
  readonly links: UnsubscribeLinks | undefined;
  readonly preferences: Pick<PreferenceServices, 'settings'>;
  readonly log: Logger;
}

/** Wires notifications to this product's people, preferences and dead letters. */
export function composeNotifications({
  models,
  postgres,
  jobs,
  senders,
  links,
  preferences,
  log,
}: NotificationsPlatform) {
  const notifications = new NotificationService({
    ...{ models, postgres, jobs, senders },
    types: notificationTypes,
    directory: createNotificationDirectory(postgres),
    preferencesOf: (userIds) => preferences.settings.recipientPreferencesOfAll(userIds),
    unsubscribeUrlOf: (recipientId, type) => links?.urlFor(recipientId, type),
    keepDeadDelivery: (dead) => keepDeadDelivery(models, dead),
    settleDeadDelivery: (ids) => settleDeadDeliveries(models, ids, currentActor()?.user_id ?? 'server'),
    onError: (error) => log.error({ err: error }, 'notifications'),
  });
  return { notifications, inbox: new Inbox({ models, events: notifications.events }) };
}
