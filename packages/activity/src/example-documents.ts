import { Types } from 'mongoose';
import type { FeatureUsageMetric } from './collections/feature-usage-metric.js';
import type { SearchQueryLog } from './collections/search-query-log.js';
import type { UserActivityEvent } from './collections/user-activity-event.js';

const cause_id = '7b0d4f2e-9c0a-4f55-9d0e-3a1f6f2f9a01';
const at = (time: string): Date => new Date(`2026-01-15T${time}Z`);

/** One complete document per collection of this category, for its tests. */
export const exampleDocuments = {
  UserActivityEvent: (): UserActivityEvent => ({
    _id: new Types.ObjectId(),
    occurred_at: at('10:00:00'),
    received_at: at('10:00:05'),
    expires_at: new Date('2026-06-01T00:00:00Z'),
    user_id: 'u-engineer-1',
    session_id: 'session-1',
    event_type: 'page:left',
    module: 'contracts',
    page: { path: '/contracts/7', title: 'Contract 7', referrer: '/contracts' },
    element: { id: 'export', label: 'Export' },
    duration_ms: 32_500,
    entity_type: 'contracts',
    entity_id: '7',
    device: { kind: 'desktop', user_agent: 'Browser/1.0', viewport_width: 1_440, viewport_height: 900 },
    ip_address: '192.0.2.10',
    properties: { tab: 'costs', filters: ['open'] },
    cause_id,
  }),
  SearchQueryLog: (): SearchQueryLog => ({
    searched_at: at('10:00:00'),
    user_id: 'u-engineer-1',
    session_id: 'session-1',
    source: 'search',
    terms: 'Bridge  Inspection',
    normalized_terms: 'bridge inspection',
    entity_types: ['inspections'],
    filters: { state: 'open' },
    results_count: 12,
    page: 1,
    duration_ms: 8,
    clicks: [{ entity_type: 'inspections', entity_id: '3', rank: 2, clicked_at: at('10:00:09') }],
    cause_id,
  }),
  FeatureUsageMetric: (): FeatureUsageMetric => ({
    user_id: 'u-engineer-1',
    module: 'contracts',
    feature: 'contracts.export',
    day: at('00:00:00'),
    count: 3,
    uses: { web: 2, mobile: 0, api: 1 },
    duration_ms: 5_400,
    first_used_at: at('08:00:00'),
    last_used_at: at('17:00:00'),
  }),
};
