import { cleanText, readMessageId } from './mail-headers.js';
import type { ReadMail } from './read-mail.js';

/** A report that a mail could not be delivered. */
export interface Bounce {
  /** Message-ID of the mail that bounced. */
  readonly message_id: string;
  readonly recipient?: string;
  /** Enhanced status code (RFC 3463): `5.1.1`; codes that begin with 5 are permanent. */
  readonly status?: string;
  /** Reply of the receiving server. */
  readonly reason?: string;
}

const reportTypes = ['message/delivery-status', 'message/rfc822', 'text/rfc822-headers'];
const partCharacters = 100_000;
const mostParts = 4;

/** Reads a delivery status notification (RFC 3464); undefined when it names no mail. */
export function readBounce(mail: ReadMail): Bounce | undefined {
  const parts = mail.files
    .filter(({ content_type }) => reportTypes.includes(content_type))
    .slice(0, mostParts)
    .map(({ content }) => content.subarray(0, partCharacters).toString('utf8'));
  // Some servers put the mail that they return into the text.
  const report = [...parts, mail.text.slice(0, partCharacters)].join('\n').replaceAll(/\r?\n[ \t]+/g, ' ');
  const message_id =
    readMessageId(field(report, 'Message-ID') ?? '') ?? mail.in_reply_to ?? mail.references.at(-1);
  if (message_id === undefined) return undefined;
  const recipient =
    field(report, 'Final-Recipient')?.replace(/^[^;]*;\s*/, '') ?? mail.headers.first('x-failed-recipients');
  const status = /^\s*(\d\.\d{1,3}\.\d{1,3})/.exec(field(report, 'Status') ?? '')?.[1];
  const reason = field(report, 'Diagnostic-Code');
  return {
    message_id,
    ...(recipient && { recipient: cleanText(recipient.toLowerCase(), 320) }),
    ...(status && { status }),
    ...(reason && { reason: cleanText(reason, 2_000) }),
  };
}

function field(report: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.+)$`, 'im').exec(report)?.[1]?.trim();
}
