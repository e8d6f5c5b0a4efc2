import { simpleParser, type Attachment } from 'mailparser';
import { isGoneStatus } from '../senders/smtp-errors.js';
import type { ProviderReport } from '../senders/sender.js';

const states: Readonly<Record<string, ProviderReport['state']>> = {
  failed: 'bounced',
  delivered: 'delivered',
};

/**
 * Reads what a mail server says of a mail of ours (RFC 3464): a report for each recipient that it has given up or
 * delivered to; none for a mail that is no such message, or only speaks of a delay.
 */
export async function parseDeliveryStatus(raw: string | Buffer, now: Date): Promise<ProviderReport[]> {
  const { attachments, date, messageId: eventId } = await simpleParser(raw, { keepDeliveryStatus: true });
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

/** The `Message-ID` of the mail that was returned, whole or its headers alone. */
function readOriginalId(attachments: readonly Attachment[]): string | undefined {
  const original = attachments.find(({ contentType }) =>
    ['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'].includes(
      contentType,
    ),
  );
  const [headers = ''] = original?.content.toString().split(/\r?\n\r?\n/) ?? [];
  return /<[^<>\s]+>/.exec(readFields(headers).get('message-id') ?? '')?.[0];
}

/** Header fields by lower-case name, with folded lines put together. */
function readFields(block: string): Map<string, string> {
  const lines = block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value.trim()] as const];
    }),
  );
}
