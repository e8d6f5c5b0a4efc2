import type { TakenJob } from '@infratraq/postgres';
import type { NotificationContext } from '../notification-context.js';
import type { ProviderReport } from '../senders/sender.js';
import { applyReport } from './apply-report.js';
import { reportQueue, type ReportJob } from './queues.js';

// Two seconds, four, eight …: about half an hour in all, far longer than storing an answer takes.
const attempts = 10;

/** Has a report that nothing is known of looked at again later. */
export async function reportLater(
  { jobs }: Pick<NotificationContext, 'jobs'>,
  report: ProviderReport,
  attempt: number,
): Promise<void> {
  const delayMilliseconds = 1_000 * 2 ** attempt;
  await jobs.add(reportQueue, [
    { data: { report: { ...report, at: report.at.toISOString() }, attempt }, delayMilliseconds },
  ]);
}

/** Looks at such a report again; one that nobody knows in the end is not about a message of ours. */
export async function retryReport(context: NotificationContext, job: TakenJob<ReportJob>): Promise<void> {
  const { report: stored, attempt } = job.data;
  const report = { ...stored, at: new Date(stored.at) };
  if ((await applyReport(context, report)) || attempt >= attempts) return;
  await reportLater(context, report, attempt + 1);
}
