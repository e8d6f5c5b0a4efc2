import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { AnalyticsAggregate, type Granularity } from './analytics-aggregate.js';
import { DashboardSnapshot } from './dashboard-snapshot.js';
import { ReportCache } from './report-cache.js';
import { SearchIndexCache } from './search-index-cache.js';

const exampleHash = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

/** The stored output for one cache key, fresh or not. */
export const findCachedReport = defineQuery(ReportCache, {
  example: { cache_key: exampleHash },
  shape: ({ cache_key }: { cache_key: string }) => ({ filter: { cache_key } }),
});

/** Stored outputs of one report type, newest first. */
export const listCachedReportsOfType = defineQuery(ReportCache, {
  example: { report_type: 'project_progress' },
  shape: ({ report_type }: { report_type: string }) => ({
    filter: { report_type },
    sort: { created_at: -1 },
  }),
});

/** Stored outputs that were computed from one kind of entity. */
export const listCachedReportsOnEntityType = defineQuery(ReportCache, {
  example: { entity_type: 'projects' },
  shape: ({ entity_type }: { entity_type: string }) => ({ filter: { source_entity_types: entity_type } }),
});

/** Snapshots of one dashboard, the latest first; `scope` is `all` unless told. */
export const findLatestSnapshot = defineQuery(DashboardSnapshot, {
  example: { dashboard_id: 'portfolio' },
  shape: ({ dashboard_id, scope = 'all' }: { dashboard_id: string; scope?: string }) => ({
    filter: { dashboard_id, scope },
    sort: { computed_at: -1 },
  }),
});

/** Snapshots that were computed from one kind of entity and hold all of its changes. */
export const listSnapshotsOnEntityType = defineQuery(DashboardSnapshot, {
  example: { entity_type: 'projects' },
  shape: ({ entity_type }: { entity_type: string }) => ({
    filter: { source_entity_types: entity_type, stale_since: { $exists: false } },
  }),
});

/** Rollups that were computed from one kind of entity and hold all of its changes. */
export const listAggregatesOnEntityType = defineQuery(AnalyticsAggregate, {
  example: { entity_type: 'work_orders' },
  shape: ({ entity_type }: { entity_type: string }) => ({
    filter: { source_entity_types: entity_type, stale_since: { $exists: false } },
  }),
});

/** Which rollups of a metric. */
export interface AggregateSelection extends TimeRange {
  readonly metric: string;
  readonly granularity: Granularity;
}

/** One metric over time for one combination of dimensions, oldest first. */
export const listAggregates = defineQuery(AnalyticsAggregate, {
  example: { metric: 'work_orders_closed', granularity: 'daily', dimensions_hash: exampleHash },
  shape: ({
    metric,
    granularity,
    dimensions_hash,
    ...range
  }: AggregateSelection & { dimensions_hash: string }) => ({
    filter: { metric, granularity, dimensions_hash, ...withinTime('period_start', range) },
    sort: { period_start: 1 },
  }),
});

/** One metric over time in all its combinations of dimensions, oldest first. */
export const listAggregateBreakdown = defineQuery(AnalyticsAggregate, {
  example: { metric: 'work_orders_closed', granularity: 'monthly' },
  shape: ({ metric, granularity, ...range }: AggregateSelection) => ({
    filter: { metric, granularity, ...withinTime('period_start', range) },
    sort: { period_start: 1 },
  }),
});

/** The index entry of one entity. */
export const findIndexedEntity = defineQuery(SearchIndexCache, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({ filter: { entity_type, entity_id } }),
});

/** Entities whose words match, the best first; needs an engine with text indexes. */
export const searchText = defineQuery(SearchIndexCache, {
  example: { text: 'bridge inspection' },
  shape: ({ text, entity_type }: { text: string; entity_type?: string }) => ({
    filter: { $text: { $search: text }, ...(entity_type !== undefined && { entity_type }) },
    sort: { score: { $meta: 'textScore' } },
  }),
});

/** Entities with a term that begins as typed, in any letter case, in order of their terms' entries. */
export const suggestEntities = defineQuery(SearchIndexCache, {
  example: { prefix: 'brid' },
  shape: ({ prefix, entity_type }: { prefix: string; entity_type?: string }) => ({
    filter: {
      suggest_terms: { $elemMatch: startingWith(prefix.toLowerCase()) },
      ...(entity_type !== undefined && { entity_type }),
    },
  }),
});

// A range instead of a regular expression: nothing in the input needs escaping, and the index bounds are exact.
function startingWith(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: `${prefix}\u{10FFFF}` };
}
