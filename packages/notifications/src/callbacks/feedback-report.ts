import type { MailFeedback } from '../complaints/mail-feedback.js';
import { parseReport, readFields, readOriginalId } from './report-parts.js';

/**
 * The types of reports that say what a recipient wants. `auth-failure` (RFC 6591), `virus` and `other` do not.
 */
const kinds: Readonly<Record<string, MailFeedback['kind']>> = {
  abuse: 'complained',
  fraud: 'complained',
  'opt-out': 'complained',
  'not-spam': 'not_spam',
};

/**
 * Reads a feedback report (ARF, RFC 5965), which mail providers send when a reader marks a mail as spam or (RFC 6430)
 * takes that back. Undefined for another mail, or a report that does not name the mail.
 */
export async function readFeedbackReport(raw: string | Buffer, now: Date): Promise<MailFeedback | undefined> {
  const { attachments, date } = await parseReport(raw);
  const report = attachments.find(({ contentType }) => contentType === 'message/feedback-report');
  const provider_message_id = readOriginalId(attachments);
  if (!report || provider_message_id === undefined) return undefined;
  const fields = readFields(report.content.toString());
  const feedback_type = fields.get('feedback-type')?.toLowerCase() ?? '';
  const kind = kinds[feedback_type];
  if (kind === undefined || !fields.has('version') || !fields.has('user-agent')) return undefined;
  const reported_by = fields.get('reporting-mta') ?? fields.get('user-agent');
  return {
    provider: 'smtp',
    provider_message_id,
    kind,
    feedback_type,
    at: date ?? now,
    ...(reported_by && { reported_by: reported_by.slice(0, 200) }),
  };
}
