export * from './category.js';
export * from './collections.js';
export * from './feature-usage-metric.js';
export * from './queries.js';
export * from './record-activity.js';
export * from './search-query-log.js';
export * from './user-activity-event.js';
