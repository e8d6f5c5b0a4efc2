import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { BackgroundJobLog, type JobState } from './background-job-log.js';

/** All attempts to run one job, in order. */
export const listAttemptsOfJob = defineQuery(BackgroundJobLog, {
  example: { job_id: 'job-1' },
  shape: ({ job_id }: { job_id: string }) => ({ filter: { job_id }, sort: { attempt: 1 } }),
});

/** Runs of the jobs of one name, newest first. */
export const listJobsByName = defineQuery(BackgroundJobLog, {
  example: { job_name: 'send-notification' },
  shape: ({ job_name, ...range }: { job_name: string } & TimeRange) => ({
    filter: { job_name, ...withinTime('started_at', range) },
    sort: { started_at: -1 },
  }),
});

/** Runs in one state, newest first. */
export const listJobsInState = defineQuery(BackgroundJobLog, {
  example: { state: 'failed' as JobState },
  shape: ({ state, ...range }: { state: JobState } & TimeRange) => ({
    filter: { state, ...withinTime('started_at', range) },
    sort: { started_at: -1 },
  }),
});

/** Runs that follow from one request, in order. */
export const listJobsOfCause = defineQuery(BackgroundJobLog, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { started_at: 1 } }),
});
