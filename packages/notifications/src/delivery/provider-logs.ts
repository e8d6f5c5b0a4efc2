import type { PushDevice, PushNotificationLog, PushOutcome } from '../collections/push-notification-log.js';
import type { SmsDeliveryLog } from '../collections/sms-delivery-log.js';
import { hashAddress } from './delivery-id.js';
import type { Dispatch, Try } from './dispatch.js';

/** The log entry of one push to one device. */
export function describePushLog(
  { address, provider, message, outcome, at, duration_ms }: Try,
  { entry, collapse_key }: Pick<Dispatch, 'entry' | 'collapse_key'>,
  cause_id: string | undefined,
): Omit<PushNotificationLog, '_id'> {
  if (address.channel !== 'push') throw new TypeError(`${address.channel} is no push`);
  const { target, device_id } = address;
  const known = entry?.devices.find((device) => device.device_id === device_id);
  const device: PushDevice = {
    device_id,
    platform: known?.platform ?? (target.kind === 'web' ? 'web' : 'android'),
    token_sha256: hashAddress(target.kind === 'web' ? target.endpoint : target.token),
    ...(target.kind === 'web' && { endpoint_host: new URL(target.endpoint).host }),
  };
  return {
    delivery_id: message.delivery_id,
    notification_id: message.notification_id,
    user_id: message.recipient_id,
    device,
    attempt: message.attempt,
    provider,
    outcome: outcomeOf(outcome),
    urgency: message.urgency,
    payload_bytes: Buffer.byteLength(message.title) + Buffer.byteLength(message.body),
    duration_ms,
    sent_at: at,
    ...answerOf(outcome),
    ...(collapse_key !== undefined && { collapse_key }),
    ...(cause_id !== undefined && { cause_id }),
  };
}

/** The log entry of one text message. */
export function describeSmsLog(
  { address, provider, message, outcome, at, duration_ms }: Try,
  cause_id: string | undefined,
): Omit<SmsDeliveryLog, '_id'> {
  if (address.channel !== 'sms') throw new TypeError(`${address.channel} is no text message`);
  const { response, ...answer } = answerOf(outcome);
  const isAccepted = outcome.outcome === 'accepted';
  const status = isAccepted ? 'accepted' : 'failed';
  return {
    delivery_id: message.delivery_id,
    notification_id: message.notification_id,
    user_id: message.recipient_id,
    attempt: message.attempt,
    provider,
    status,
    to_number: address.phone,
    events: [
      {
        status,
        received_at: at,
        ...(!isAccepted && {
          error_code: outcome.error_code.slice(0, 100),
          error_message: outcome.error_message,
        }),
        ...(response !== undefined && { payload: response }),
      },
    ],
    body_characters: message.body.length,
    duration_ms,
    submitted_at: at,
    ...answer,
    ...(cause_id !== undefined && { cause_id }),
  };
}

function outcomeOf(outcome: Try['outcome']): PushOutcome {
  return outcome.outcome === 'rejected' && outcome.address_gone ? 'gone' : outcome.outcome;
}

function answerOf(outcome: Try['outcome']) {
  const { response } = outcome;
  const kept = response === undefined ? {} : { response };
  if (outcome.outcome === 'accepted') {
    const { provider_message_id } = outcome;
    return { ...kept, ...(provider_message_id !== undefined && { provider_message_id }) };
  }
  const asked = outcome.outcome === 'rejected' ? undefined : outcome.retry_after_seconds;
  return {
    ...kept,
    error_code: outcome.error_code.slice(0, 100),
    ...(asked !== undefined && { retry_after_seconds: asked }),
  };
}
