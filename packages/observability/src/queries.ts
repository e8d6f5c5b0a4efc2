import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { BackgroundJobLog, type JobState } from './background-job-log.js';
import { ErrorLog, type ErrorLevel } from './error-log.js';
import { PerformanceMetric } from './performance-metric.js';
import { SystemHealthEvent, type HealthSeverity } from './system-health-event.js';

/** One metric of one endpoint, newest window first. */
export const listMetricOfEndpoint = defineQuery(PerformanceMetric, {
  example: { metric: 'http.server.request', endpoint: 'GET /api/v1/collections' },
  shape: ({ metric, endpoint, ...range }: { metric: string; endpoint: string } & TimeRange) => ({
    filter: { metric, endpoint, ...withinTime('measured_at', range) },
    sort: { measured_at: -1 },
  }),
});

/** One metric of all endpoints, newest window first. */
export const listMetricInTime = defineQuery(PerformanceMetric, {
  example: { metric: 'http.server.request', from: new Date('2026-01-05'), to: new Date('2026-01-06') },
  shape: ({ metric, ...range }: { metric: string } & TimeRange) => ({
    filter: { metric, ...withinTime('measured_at', range) },
    sort: { measured_at: -1 },
  }),
});

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

/** Findings of one check of one service, newest first. */
export const listHealthOfCheck = defineQuery(SystemHealthEvent, {
  example: { service: 'server', check: 'postgresql.replication-lag' },
  shape: ({ service, check, ...range }: { service: string; check: string } & TimeRange) => ({
    filter: { service, check, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Findings of one severity, newest first. */
export const listHealthBySeverity = defineQuery(SystemHealthEvent, {
  example: { severity: 'critical' as HealthSeverity },
  shape: ({ severity, ...range }: { severity: HealthSeverity } & TimeRange) => ({
    filter: { severity, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Errors of one kind, newest first. */
export const listErrorsOfKind = defineQuery(ErrorLog, {
  example: { fingerprint: '0123456789abcdef0123456789abcdef' },
  shape: ({ fingerprint, ...range }: { fingerprint: string } & TimeRange) => ({
    filter: { fingerprint, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Errors of one service and level, newest first. */
export const listErrorsOfService = defineQuery(ErrorLog, {
  example: { service: 'server', level: 'error' as ErrorLevel },
  shape: ({ service, level, ...range }: { service: string; level: ErrorLevel } & TimeRange) => ({
    filter: { service, level, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Errors that follow from one request, in order. */
export const listErrorsOfCause = defineQuery(ErrorLog, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { occurred_at: 1 } }),
});
