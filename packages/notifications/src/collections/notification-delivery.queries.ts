import {
  defineQuery,
  withinTime,
  type EntityReference,
  type NotificationChannel,
  type TimeRange,
} from '@infratraq/kernel';

import { NotificationDelivery } from './notification-delivery.js';

/** The delivery of a notification to a recipient on a channel. */
export const findDelivery = defineQuery(NotificationDelivery, {
  example: { recipient_id: 'u-1', notification_id: 'n-1', channel: 'in_app' },
  shape: (key: { recipient_id: string; notification_id: string; channel: NotificationChannel }) => ({
    filter: {
      recipient_id: key.recipient_id,
      notification_id: key.notification_id,
      channel: key.channel,
    },
  }),
});

/** A recipient's inbox without retracted and dismissed items, newest first. */
export const listInboxOfRecipient = defineQuery(NotificationDelivery, {
  example: { recipient_id: 'u-1' },
  shape: ({ recipient_id, ...range }: { recipient_id: string } & TimeRange) => ({
    filter: {
      recipient_id,
      channel: 'in_app',
      ...withinTime('queued_at', range),
      retracted_at: { $exists: false },
      'engagement.dismissed_at': { $exists: false },
    },
    sort: { queued_at: -1 },
  }),
});

/** Every delivery of one notification, in the order in which they were queued. */
export const listDeliveriesOfNotification = defineQuery(NotificationDelivery, {
  example: { notification_id: 'n-1' },
  shape: ({ notification_id }: { notification_id: string }) => ({
    filter: { notification_id },
    sort: { queued_at: 1 },
  }),
});

/** Queued deliveries that are due, the longest due first. */
export const listDueDeliveries = defineQuery(NotificationDelivery, {
  example: { now: new Date('2026-01-01') },
  shape: ({ now }: { now: Date }) => ({
    filter: { state: 'queued', due_at: { $lte: now } },
    sort: { due_at: 1 },
  }),
});

/** The delivery that a provider's callback is about. */
export const findDeliveryByProviderMessage = defineQuery(NotificationDelivery, {
  example: { provider: 'smtp', provider_message_id: 'a1@mail.example' },
  shape: ({ provider, provider_message_id }: { provider: string; provider_message_id: string }) => ({
    filter: { provider, provider_message_id },
  }),
});

/** Deliveries about an entity, newest first. */
export const listDeliveriesAboutEntity = defineQuery(NotificationDelivery, {
  example: { entity_type: 'work_orders', entity_id: '7' },
  shape: ({ entity_type, entity_id, ...range }: EntityReference & TimeRange) => ({
    filter: { entity_type, entity_id, ...withinTime('queued_at', range) },
    sort: { queued_at: -1 },
  }),
});

/** Deliveries that follow from one request, in order. */
export const listDeliveriesOfCause = defineQuery(NotificationDelivery, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { queued_at: 1 } }),
});

/** A recipient's inbox items that are unread, newest first. */
export const listUnreadOfRecipient = defineQuery(NotificationDelivery, {
  example: { recipient_id: 'u-1' },
  shape: ({ recipient_id }: { recipient_id: string }) => ({
    filter: { recipient_id, unread: true },
    sort: { queued_at: -1 },
  }),
});

/** The inbox item that notifications with a collapse key go into. */
export const findOpenInboxItem = defineQuery(NotificationDelivery, {
  example: { recipient_id: 'u-1', collapse_key: 'thread:7' },
  shape: ({ recipient_id, collapse_key }: { recipient_id: string; collapse_key: string }) => ({
    filter: { recipient_id, collapse_key, unread: true },
  }),
});

/** The inbox items into which a notification was merged. */
export const listInboxItemsThatHold = defineQuery(NotificationDelivery, {
  example: { notification_id: 'n-1' },
  shape: ({ notification_id }: { notification_id: string }) => ({
    filter: { 'collapsed.notification_id': notification_id, collapse_key: { $exists: true } },
  }),
});

/** Deliveries that wait for a digest or went out with it. */
export const listDeliveriesOfDigest = defineQuery(NotificationDelivery, {
  example: { digest_id: 'g-1' },
  shape: ({ digest_id }: { digest_id: string }) => ({ filter: { digest_id } }),
});
