import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { PushNotificationLog } from './push-notification-log.js';

/** Every push of one delivery, by device and try. */
export const listPushesOfDelivery = defineQuery(PushNotificationLog, {
  example: { delivery_id: 'd-1' },
  shape: ({ delivery_id }: { delivery_id: string }) => ({
    filter: { delivery_id },
    sort: { 'device.device_id': 1, attempt: 1 },
  }),
});

/** Pushes to a user's devices, newest first. */
export const listPushesToUser = defineQuery(PushNotificationLog, {
  example: { user_id: 'u-1' },
  shape: ({ user_id, ...range }: { user_id: string } & TimeRange) => ({
    filter: { user_id, ...withinTime('sent_at', range) },
    sort: { sent_at: -1 },
  }),
});

/** Pushes to one token or subscription, newest first. */
export const listPushesToToken = defineQuery(PushNotificationLog, {
  example: { token_sha256: '0'.repeat(64) },
  shape: ({ token_sha256 }: { token_sha256: string }) => ({
    filter: { 'device.token_sha256': token_sha256 },
    sort: { sent_at: -1 },
  }),
});

/** The push that a push service knows by this id. */
export const findPushByProviderMessage = defineQuery(PushNotificationLog, {
  example: { provider: 'fcm', provider_message_id: 'projects/p/messages/1' },
  shape: ({ provider, provider_message_id }: { provider: string; provider_message_id: string }) => ({
    filter: { provider, provider_message_id },
  }),
});

/** Pushes that ended in one error, newest first. */
export const listPushErrors = defineQuery(PushNotificationLog, {
  example: { provider: 'fcm', error_code: 'UNREGISTERED' },
  shape: ({ provider, error_code, ...range }: { provider: string; error_code: string } & TimeRange) => ({
    filter: { provider, error_code, ...withinTime('sent_at', range) },
    sort: { sent_at: -1 },
  }),
});
