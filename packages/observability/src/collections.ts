export { BackgroundJobLog } from './collections/background-job-log.js';
export { ErrorLog } from './collections/error-log.js';
export { PerformanceMetric } from './collections/performance-metric.js';
export { SystemHealthEvent } from './collections/system-health-event.js';
