export { BackgroundJobLog } from './background-job-log.js';
export { ErrorLog } from './error-log.js';
export { PerformanceMetric } from './performance-metric.js';
export { SystemHealthEvent } from './system-health-event.js';
