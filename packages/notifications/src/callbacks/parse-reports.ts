import { createConfinedJobs, type ConfinedJobs } from '@infratraq/confined-jobs';
import type { MailFeedback } from '../complaints/mail-feedback.js';
import type { ProviderReport } from '../senders/sender.js';
import type { ReadReportParameters } from './read-report.job.js';

const mebibyte = 1024 * 1024;
const job = {
  module: new URL('./read-report.job.js', import.meta.url),
  limits: { deadlineMilliseconds: 10_000, inputBytes: 25 * mebibyte, outputBytes: mebibyte },
};

/**
 * Reads a delivery status notification (RFC 3464) in a process of its own: one report per recipient that the mail server
 * has given up or delivered to. Answers none for another mail, or one that only reports a delay.
 *
 * @throws InfratraqError with status 422 if reading it breaks a limit (`confined.deadline`), 503 for faults that pass
 */
export async function parseDeliveryStatus(
  raw: string | Buffer,
  now: Date,
  jobs: ConfinedJobs = createConfinedJobs(),
): Promise<ProviderReport[]> {
  const { value } = await run<ProviderReport[]>(jobs, raw, { kind: 'delivery-status', now });
  return value.map((report) => ({ ...report, at: new Date(report.at) }));
}

/**
 * Reads a feedback report (ARF, RFC 5965) in a process of its own; undefined for another mail, or a report that does not
 * name the mail.
 *
 * @throws InfratraqError with status 422 if reading it breaks a limit (`confined.deadline`), 503 for faults that pass
 */
export async function parseFeedbackReport(
  raw: string | Buffer,
  now: Date,
  jobs: ConfinedJobs = createConfinedJobs(),
): Promise<MailFeedback | undefined> {
  const { value } = await run<MailFeedback | undefined>(jobs, raw, { kind: 'feedback', now });
  return value && { ...value, at: new Date(value.at) };
}

function run<Value>(jobs: ConfinedJobs, raw: string | Buffer, parameters: ReadReportParameters) {
  return jobs.run<Value>(job, Buffer.isBuffer(raw) ? raw : Buffer.from(raw), parameters);
}
