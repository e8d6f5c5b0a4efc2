import type { Stored } from '@infratraq/mongo';
import { EmailCommunication } from '../../collections/email-communication.js';
import type { EmailHistoryOptions, UnsignedReport } from '../email-history-options.js';
import { readBounce, type Bounce } from '../parsing/read-bounce.js';
import type { ReadMail } from '../parsing/read-mail.js';

type Kind = UnsignedReport['kind'];

/**
 * Takes in a mail that reports a bounce or a complaint about mail of ours. Anybody can write one, and co-recipients know
 * the Message-ID. So a report counts if it arrived at the return path of that very mail; any other marks the mail.
 */
export async function takeReport(
  options: EmailHistoryOptions,
  { _id, automatic_kind }: Stored<EmailCommunication>,
  read: ReadMail,
  arrival: { readonly recipients: readonly string[]; readonly raw: Buffer },
): Promise<void> {
  if (automatic_kind !== 'bounce' && automatic_kind !== 'complaint') return;
  const report = readBounce(read);
  if (!report || (automatic_kind === 'bounce' && isPassing(report))) return;
  if (options.addressing.isReturnPathOf(report.message_id, arrival.recipients))
    return takeSigned(options, automatic_kind, report, arrival.raw);
  const { matchedCount } = await options.models
    .of(EmailCommunication)
    .updateOne(
      { message_id: report.message_id, direction: 'outbound' },
      { $set: { unsigned_report: automatic_kind } },
    );
  if (matchedCount === 0) return;
  await options.onUnsignedReport?.({ ...report, kind: automatic_kind, email_id: _id.toHexString() });
}

/** Delays and reports of success are no bounces. */
function isPassing({ status }: Bounce): boolean {
  return status !== undefined && !status.startsWith('5');
}

async function takeSigned(
  { models, onBounce, onComplaint }: EmailHistoryOptions,
  kind: Kind,
  report: Bounce,
  raw: Buffer,
): Promise<void> {
  const sent = { message_id: report.message_id, direction: 'outbound' as const };
  const emails = models.of(EmailCommunication);
  if (kind === 'complaint') {
    if (await emails.exists(sent)) await onComplaint?.({ message_id: report.message_id }, raw);
    return;
  }
  const { reason } = report;
  const { matchedCount } = await emails.updateOne(sent, {
    $set: { state: 'bounced', ...(reason && { provider_response: reason }) },
  });
  // Reports about mails that were not sent from here are ignored.
  if (matchedCount > 0) await onBounce?.(report, raw);
}
