export { FeatureUsageMetric } from './feature-usage-metric.js';
export { SearchQueryLog } from './search-query-log.js';
export { UserActivityEvent } from './user-activity-event.js';
