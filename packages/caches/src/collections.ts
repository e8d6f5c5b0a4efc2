export { ReportCache } from './collections/report-cache.js';
export { DashboardSnapshot } from './collections/dashboard-snapshot.js';
export { AnalyticsAggregate } from './collections/analytics-aggregate.js';
export { SearchIndexCache } from './collections/search-index-cache.js';
