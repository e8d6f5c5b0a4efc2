import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { PerformanceMetric } from './performance-metric.js';

/** One metric of one endpoint, newest window first. */
export const listMetricOfEndpoint = defineQuery(PerformanceMetric, {
  example: { metric: 'http.server.request', endpoint: 'GET /api/v1/collections' },
  shape: ({ metric, endpoint, ...range }: { metric: string; endpoint: string } & TimeRange) => ({
    filter: { metric, endpoint, ...withinTime('measured_at', range) },
    sort: { measured_at: -1 },
  }),
});

/** One metric of all endpoints, newest window first. */
export const listMetricInTime = defineQuery(PerformanceMetric, {
  example: { metric: 'http.server.request', from: new Date('2026-01-05'), to: new Date('2026-01-06') },
  shape: ({ metric, ...range }: { metric: string } & TimeRange) => ({
    filter: { metric, ...withinTime('measured_at', range) },
    sort: { measured_at: -1 },
  }),
});
