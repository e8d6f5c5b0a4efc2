import { isGoneNumber } from '../senders/twilio-errors.js';
import type { ProviderReport } from '../senders/sender.js';

/** The form of a status callback of Twilio. */
export type TwilioStatusForm = Readonly<Record<string, string | readonly string[]>>;

const states: Readonly<Record<string, ProviderReport['state']>> = {
  sent: 'sent',
  delivered: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  read: 'read',
};

/** The report in a status callback; undefined for a status that changes nothing (`queued`, `sending`). */
export function describeTwilioStatus(
  { MessageSid: sid, MessageStatus: status, ErrorCode: code, ErrorMessage: reason }: TwilioStatusForm,
  eventId: string | undefined,
  at: Date,
): ProviderReport | undefined {
  if (typeof sid !== 'string' || typeof status !== 'string') return undefined;
  const state = states[status];
  if (state === undefined) return undefined;
  const hasCode = typeof code === 'string' && code !== '' && code !== '0';
  return {
    provider: 'twilio',
    provider_message_id: sid,
    state,
    at,
    provider_event_id: eventId ?? `${sid}:${status}`,
    ...(hasCode && { error_code: code }),
    ...(typeof reason === 'string' && reason !== '' && { reason }),
    ...(hasCode && isGoneNumber(Number(code)) && { address_gone: true }),
  };
}
