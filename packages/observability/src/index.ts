export * from './background-job-log.js';
export * from './category.js';
export * from './collections.js';
export * from './error-description.js';
export * from './error-log.js';
export * from './performance-metric.js';
export * from './queries.js';
export * from './system-health-event.js';
