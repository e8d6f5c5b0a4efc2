import type { BackgroundJobLog } from './collections/background-job-log.js';
import type { ErrorLog } from './collections/error-log.js';
import type { PerformanceMetric } from './collections/performance-metric.js';
import type { SystemHealthEvent } from './collections/system-health-event.js';

const cause_id = '7b0d4f2e-9c0a-4f55-9d0e-3a1f6f2f9a01';
const at = (time: string): Date => new Date(`2026-01-15T${time}Z`);

/** One complete document per collection of this category, for its tests. */
export const exampleDocuments = {
  PerformanceMetric: (): PerformanceMetric => ({
    metric: 'http.server.request',
    endpoint: 'GET /api/v1/collections',
    service: 'server',
    instance: 'server-1',
    measured_at: at('10:00:00'),
    expires_at: new Date('2026-02-01T00:00:00Z'),
    window_seconds: 60,
    count: 120,
    error_count: 3,
    error_rate: 0.025,
    throughput_per_second: 2,
    duration: { minimum_ms: 1, mean_ms: 4.5, p50_ms: 4, p95_ms: 9, p99_ms: 20, maximum_ms: 31 },
    labels: { region: 'eu' },
  }),
  BackgroundJobLog: (): BackgroundJobLog => ({
    job_id: 'job-1',
    attempt: 2,
    job_name: 'send-notification',
    queue: 'notifications',
    state: 'failed',
    queued_at: at('09:59:00'),
    started_at: at('10:00:00'),
    finished_at: at('10:00:01'),
    duration_ms: 1_000,
    worker: 'server-1',
    parameters: { notification: 'n-1' },
    output: { sent: 0 },
    failure: {
      name: 'InfratraqError',
      code: 'smtp.refused',
      message: 'refused',
      stack: 'InfratraqError: refused',
    },
    will_retry: true,
    entity_type: 'projects',
    entity_id: '42',
    user_id: 'u-engineer-1',
    cause_id,
  }),
  SystemHealthEvent: (): SystemHealthEvent => ({
    occurred_at: at('10:00:00'),
    subject: 'replication',
    severity: 'warning',
    status: 'degraded',
    service: 'server',
    check: 'postgresql.replication-lag',
    host: 'host-1',
    measurement: { value: 73_400_320, unit: 'bytes', threshold: 67_108_864 },
    message: 'The slot is 70 MiB behind',
    details: { slot: 'infratraq' },
    cause_id,
  }),
  ErrorLog: (): ErrorLog => ({
    occurred_at: at('10:00:00'),
    level: 'error',
    service: 'server',
    release: '0.1.0',
    host: 'host-1',
    error: {
      name: 'InfratraqError',
      code: 'report.failed',
      message: 'no rows',
      stack: 'InfratraqError: no rows',
    },
    causes: [{ name: 'Error', code: 'ECONNRESET', message: 'reset', stack: 'Error: reset' }],
    fingerprint: '0123456789abcdef0123456789abcdef',
    context: { report: 'costs' },
    request: { request_id: 'req-1', method: 'POST', route: '/api/v1/reports/:type', status: 500 },
    entity_type: 'projects',
    entity_id: '42',
    user_id: 'u-engineer-1',
    cause_id,
  }),
};
