import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { AnalyticsAggregate, type Granularity } from './analytics-aggregate.js';

const exampleHash = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

/** Which rollups of a metric. */
export interface AggregateSelection extends TimeRange {
  readonly metric: string;
  readonly granularity: Granularity;
}

/** Rollups that were computed from one kind of entity and hold all of its changes. */
export const listAggregatesOnEntityType = defineQuery(AnalyticsAggregate, {
  example: { entity_type: 'work_orders' },
  shape: ({ entity_type }: { entity_type: string }) => ({
    filter: { source_entity_types: entity_type, stale_since: { $exists: false } },
  }),
});

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
