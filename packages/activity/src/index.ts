export { activity } from './category.js';
export { FeatureUsageMetric } from './collections/feature-usage-metric.js';
export {
  findFeatureUsage,
  listUsageOfFeature,
  listUsageOfModule,
} from './collections/feature-usage-metric.queries.js';
export { SearchQueryLog } from './collections/search-query-log.js';
export {
  listSearchesForTerms,
  listSearchesOfUser,
  listSearchesWithoutResults,
} from './collections/search-query-log.queries.js';
export { UserActivityEvent } from './collections/user-activity-event.js';
export {
  listActivityOfSession,
  listActivityOfType,
  listActivityOfUser,
  listActivityOnEntity,
} from './collections/user-activity-event.queries.js';
export { openActivity } from './open-activity.js';
export { recordActivity } from './recording/record-activity.js';
