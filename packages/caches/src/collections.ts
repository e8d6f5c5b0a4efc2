export { ReportCache } from './report-cache.js';
export { DashboardSnapshot } from './dashboard-snapshot.js';
export { AnalyticsAggregate } from './analytics-aggregate.js';
export { SearchIndexCache } from './search-index-cache.js';
