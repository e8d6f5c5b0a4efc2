import { backOffMilliseconds } from '@infratraq/kernel';
import type { TakenJob } from '@infratraq/postgres';
import type { NotificationContext } from '../context/notification-context.js';
import type { ProviderReport } from '../senders/sender.js';
import { applyReport } from './apply-report.js';
import { reportQueue, type ReportJob } from '../jobs/queues.js';

// Two seconds, four, eight …: up to half an hour in all, far longer than storing an answer takes.
const attempts = 10;
const backOff = { firstMilliseconds: 2_000, longestMilliseconds: 1_024_000 };

/** Puts a report of an unknown message aside, to be applied later. */
export async function reportLater(
  { jobs, random }: Pick<NotificationContext, 'jobs' | 'random'>,
  report: ProviderReport,
  attempt: number,
): Promise<void> {
  const delayMilliseconds = backOffMilliseconds(attempt, { ...backOff, random });
  await jobs.add(reportQueue, [
    { data: { report: { ...report, at: report.at.toISOString() }, attempt }, delayMilliseconds },
  ]);
}

/** Applies such a report again; after the last try it counts as being about somebody else's message. */
export async function retryReport(context: NotificationContext, job: TakenJob<ReportJob>): Promise<void> {
  const { report: stored, attempt } = job.data;
  const report = { ...stored, at: new Date(stored.at) };
  if ((await applyReport(context, report)) || attempt >= attempts) return;
  await reportLater(context, report, attempt + 1);
}
