export { caches } from './category.js';
export { AnalyticsAggregate } from './collections/analytics-aggregate.js';
export { listAggregates } from './collections/analytics-aggregate.queries.js';
export { DashboardSnapshot } from './collections/dashboard-snapshot.js';
export { ReportCache } from './collections/report-cache.js';
export { SearchIndexCache } from './collections/search-index-cache.js';
export { DashboardFigures, hashDimensions } from './dashboards/dashboard-figures.js';
export { FigureWriter } from './dashboards/figure-writer.js';
export { invalidateSources } from './invalidation/source-claim.js';
export { openCaches, type CachesOptions, type OpenedCaches } from './open-caches.js';
export { CachedReports, type CachedReportsOptions, type ReportResult } from './reports/cached-reports.js';
export { reportCacheKey } from './reports/report-cache-key.js';
export { defineReport, type ReportContext, type ReportDefinition } from './reports/report-definition.js';
export { EntitySearch } from './search/entity-search.js';
/** The zod of this package, for the parameters of reports. */
export { z } from 'zod';
