import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { SmsDeliveryLog } from './sms-delivery-log.js';

/** Every try of one delivery, the first one first. */
export const listSmsOfDelivery = defineQuery(SmsDeliveryLog, {
  example: { delivery_id: 'd-1' },
  shape: ({ delivery_id }: { delivery_id: string }) => ({ filter: { delivery_id }, sort: { attempt: 1 } }),
});

/** The message that a gateway's callback is about. */
export const findSmsByProviderMessage = defineQuery(SmsDeliveryLog, {
  example: { provider: 'twilio', provider_message_id: 'SM1' },
  shape: ({ provider, provider_message_id }: { provider: string; provider_message_id: string }) => ({
    filter: { provider, provider_message_id },
  }),
});

/** Messages to a user, newest first. */
export const listSmsToUser = defineQuery(SmsDeliveryLog, {
  example: { user_id: 'u-1' },
  shape: ({ user_id, ...range }: { user_id: string } & TimeRange) => ({
    filter: { user_id, ...withinTime('submitted_at', range) },
    sort: { submitted_at: -1 },
  }),
});

/** Messages that ended in one error, newest first. */
export const listSmsErrors = defineQuery(SmsDeliveryLog, {
  example: { provider: 'twilio', error_code: '30006' },
  shape: ({ provider, error_code, ...range }: { provider: string; error_code: string } & TimeRange) => ({
    filter: { provider, error_code, ...withinTime('submitted_at', range) },
    sort: { submitted_at: -1 },
  }),
});
