export * from './analytics-aggregate.js';
export * from './category.js';
export * from './dashboard-snapshot.js';
export * from './queries.js';
export * from './report-cache.js';
export * from './search-index-cache.js';
