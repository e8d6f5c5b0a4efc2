import { currentActor } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { Inbox, NotificationService, trackClicks, type Sender } from '@infratraq/notifications';
import {
  createMailComplaintRepository,
  createNotificationDirectory,
} from '@infratraq/notifications/postgres';
import type { Jobs, Postgres } from '@infratraq/postgres';
import type { PreferenceServices } from '@infratraq/preferences';
import type { Logger } from 'pino';
import { keepDeadDelivery, settleDeadDeliveries } from './keep-dead-deliveries.js';
import type { MailLinks } from './open-mail-links.js';
import { notificationTypes } from './notification-types.js';

/** What this server's notifications stand on. */
export interface NotificationsPlatform {
  readonly models: Models;
  readonly postgres: Postgres;
  readonly jobs: Jobs;
  readonly senders: readonly Sender[];
  /** Lets senders keep the history of mail. */
  readonly record: (senders: readonly Sender[]) => Sender[];
  /** Absent without a public address. */
  readonly links: MailLinks | undefined;
  readonly preferences: Pick<PreferenceServices, 'settings'>;
  readonly log: Logger;
}

/** Wires notifications to this product's people, preferences and dead letters. */
export function composeNotifications({
  models,
  postgres,
  jobs,
  senders,
  record,
  links,
  preferences,
  log,
}: NotificationsPlatform) {
  const complaints = createMailComplaintRepository(postgres);
  const tracked = links
    ? senders.map((sender) => trackClicks(sender, { links: links.clicks, types: notificationTypes }))
    : senders;
  const notifications = new NotificationService({
    models,
    postgres,
    jobs,
    complaints,
    types: notificationTypes,
    // The history has links as they were meant: whoever follows one there is not the recipient.
    senders: record(tracked),
    directory: createNotificationDirectory(postgres),
    preferencesOf: (userIds) => preferences.settings.recipientPreferencesOfAll(userIds),
    unsubscribeUrlOf: (recipientId, types) => links?.unsubscribe.urlFor(recipientId, types),
    keepDeadDelivery: (dead) => keepDeadDelivery(models, dead),
    settleDeadDelivery: (ids) => settleDeadDeliveries(models, ids, currentActor()?.user_id ?? 'server'),
    onError: (error) => log.error({ err: error }, 'notifications'),
  });
  return { notifications, complaints, inbox: new Inbox({ models, events: notifications.events }) };
}
