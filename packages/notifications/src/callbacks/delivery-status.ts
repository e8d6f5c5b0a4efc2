import { isGoneStatus } from '../senders/smtp-errors.js';
import type { ProviderReport } from '../senders/sender.js';
import { parseReport, readFields, readOriginalId } from './report-parts.js';

const states: Readonly<Record<string, ProviderReport['state']>> = {
  failed: 'bounced',
  delivered: 'delivered',
};

/**
 * Reads a delivery status notification (RFC 3464): one report per recipient that the mail server has given up or
 * delivered to. Answers none for another mail, or one that only reports a delay.
 */
export async function readDeliveryStatus(raw: string | Buffer, now: Date): Promise<ProviderReport[]> {
  const { attachments, date, messageId: eventId } = await parseReport(raw);
  const status = attachments.find(({ contentType }) => contentType === 'message/delivery-status');
  const messageId = readOriginalId(attachments);
  if (!status || messageId === undefined) return [];
  // Fields of the message, then those of each recipient, with an empty line between.
  const [, ...recipients] = status.content
    .toString()
    .trim()
    .split(/\r?\n[ \t]*\r?\n/)
    .map(readFields);
  return recipients.flatMap((fields, number): ProviderReport[] => {
    const state = states[fields.get('action')?.toLowerCase() ?? ''];
    if (state === undefined) return [];
    const code = /\d\.\d{1,3}\.\d{1,3}/.exec(fields.get('status') ?? '')?.[0];
    const reason = fields.get('diagnostic-code');
    return [
      {
        provider: 'smtp',
        provider_message_id: messageId,
        state,
        at: date ?? now,
        ...(eventId !== undefined && { provider_event_id: `${eventId}/${number}` }),
        ...(code !== undefined && { error_code: code }),
        ...(reason !== undefined && { reason: reason.slice(0, 500) }),
        ...(code !== undefined && state === 'bounced' && isGoneStatus(code) && { address_gone: true }),
      },
    ];
  });
}
