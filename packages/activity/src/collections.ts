export { FeatureUsageMetric } from './collections/feature-usage-metric.js';
export { SearchQueryLog } from './collections/search-query-log.js';
export { UserActivityEvent } from './collections/user-activity-event.js';
