import { reportCacheKey } from './report-cache-key.js';

const now = new Date('2026-05-04T08:00:00.000Z');
const inAnHour = new Date('2026-05-04T09:00:00.000Z');
const hash = reportCacheKey('project_progress', { project_id: '42' });

/** A complete document of each collection, for this package's tests. */
export const documents = {
  ReportCache: () => ({
    cache_key: hash,
    report_type: 'project_progress',
    params: { project_id: '42' },
    output_data: { percent: 40, phases: [{ name: 'Foundations', percent: 100 }] },
    source_entity_types: ['projects', 'work_orders'],
    generation_ms: 840,
    requested_by: 'u-engineer-1',
    cause_id: '5a2e7a54-5b0f-4d4e-9a37-0a6f3a2c1d10',
    created_at: now,
    expires_at: inAnHour,
  }),
  DashboardSnapshot: () => ({
    dashboard_id: 'portfolio',
    scope: 'projects:42',
    entity_type: 'projects',
    entity_id: '42',
    tiles: [
      {
        tile_id: 'overdue',
        title: 'Overdue work orders',
        kind: 'series' as const,
        value: 12,
        previous_value: 15,
        target_value: 5,
        unit: 'orders',
        status: 'warning' as const,
        series: [{ at: now, value: 12 }],
        breakdown: [{ label: 'Civil works', value: 7 }],
        rows: [{ work_order: 'WO-17', days_late: 3 }],
      },
    ],
    computation_ms: 310,
    complete_until: now,
    computed_at: now,
  }),
  AnalyticsAggregate: () => ({
    metric: 'work_orders_closed',
    granularity: 'weekly' as const,
    period_start: new Date('2026-04-27T00:00:00.000Z'),
    period_end: new Date('2026-05-04T00:00:00.000Z'),
    dimensions: { region: 'north' },
    dimensions_hash: hash,
    count: 20,
    sum: 20,
    minimum: 1,
    maximum: 1,
    percentiles: { p50: 1, p95: 1, p99: 1 },
    distinct_users: 4,
    unit: 'orders',
    source: 'work_orders',
    is_complete: true,
    computed_at: now,
  }),
  SearchIndexCache: () => ({
    entity_type: 'projects',
    entity_id: '42',
    title: 'Bridge over the Elbe',
    subtitle: 'Section 3',
    body: 'Replacement of the deck and the bearings.',
    keywords: ['bridge', 'P-042'],
    suggest_terms: ['bridge over the elbe', 'elbe', 'p-042'],
    url: '/projects/42',
    source_lsn: '0/16B3748',
    changed_at: now,
    indexed_at: now,
  }),
};
