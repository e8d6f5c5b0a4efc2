export { observability } from './category.js';
export { BackgroundJobLog } from './collections/background-job-log.js';
export {
  listAttemptsOfJob,
  listJobsByName,
  listJobsInState,
  listJobsOfCause,
} from './collections/background-job-log.queries.js';
export { ErrorLog } from './collections/error-log.js';
export { listErrorsOfCause, listErrorsOfKind, listErrorsOfService } from './collections/error-log.queries.js';
export { PerformanceMetric } from './collections/performance-metric.js';
export { listMetricInTime, listMetricOfEndpoint } from './collections/performance-metric.queries.js';
export { SystemHealthEvent } from './collections/system-health-event.js';
export { listHealthBySeverity, listHealthOfCheck } from './collections/system-health-event.queries.js';
export { describeError } from './errors/describe-error.js';
export { measureDurations, type DurationMeter, type MeasureOptions } from './metrics/measure-durations.js';
export { openObservability } from './open-observability.js';
