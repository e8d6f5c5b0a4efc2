import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { FeatureUsageMetric } from './feature-usage-metric.js';

/** One person's use of one feature on one day (midnight UTC). */
export const findFeatureUsage = defineQuery(FeatureUsageMetric, {
  example: { user_id: 'u-engineer-1', feature: 'contracts.export', day: new Date('2026-01-05') },
  shape: ({ user_id, feature, day }: { user_id: string; feature: string; day: Date }) => ({
    filter: { user_id, feature, day },
  }),
});

/** Use of one feature by everybody, newest day first. */
export const listUsageOfFeature = defineQuery(FeatureUsageMetric, {
  example: { feature: 'contracts.export' },
  shape: ({ feature, ...range }: { feature: string } & TimeRange) => ({
    filter: { feature, ...withinTime('day', range) },
    sort: { day: -1 },
  }),
});

/** Use of a module's features by everybody, newest day first. */
export const listUsageOfModule = defineQuery(FeatureUsageMetric, {
  example: { module: 'contracts' },
  shape: ({ module, ...range }: { module: string } & TimeRange) => ({
    filter: { module, ...withinTime('day', range) },
    sort: { day: -1 },
  }),
});
