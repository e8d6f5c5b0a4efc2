import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { FeatureUsageMetric } from './feature-usage-metric.js';
import { SearchQueryLog } from './search-query-log.js';
import { UserActivityEvent } from './user-activity-event.js';

/** What one person did, newest first. */
export const listActivityOfUser = defineQuery(UserActivityEvent, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id, ...range }: { user_id: string } & TimeRange) => ({
    filter: { user_id, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Events of one type, newest first. */
export const listActivityOfType = defineQuery(UserActivityEvent, {
  example: { event_type: 'page:viewed' },
  shape: ({ event_type, ...range }: { event_type: string } & TimeRange) => ({
    filter: { event_type, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** A session from its beginning. */
export const listActivityOfSession = defineQuery(UserActivityEvent, {
  example: { session_id: 'session-1' },
  shape: ({ session_id }: { session_id: string }) => ({
    filter: { session_id },
    sort: { occurred_at: 1 },
  }),
});

/** What was done on one entity, newest first. */
export const listActivityOnEntity = defineQuery(UserActivityEvent, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({ entity_type, entity_id, ...range }: EntityReference & TimeRange) => ({
    filter: { entity_type, entity_id, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Searches of one person, newest first. */
export const listSearchesOfUser = defineQuery(SearchQueryLog, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id, ...range }: { user_id: string } & TimeRange) => ({
    filter: { user_id, ...withinTime('searched_at', range) },
    sort: { searched_at: -1 },
  }),
});

/** Searches for the same terms, newest first. */
export const listSearchesForTerms = defineQuery(SearchQueryLog, {
  example: { normalized_terms: 'bridge inspection' },
  shape: ({ normalized_terms, ...range }: { normalized_terms: string } & TimeRange) => ({
    filter: { normalized_terms, ...withinTime('searched_at', range) },
    sort: { searched_at: -1 },
  }),
});

/** Searches that found nothing, newest first. */
export const listSearchesWithoutResults = defineQuery(SearchQueryLog, {
  example: {},
  shape: (range: TimeRange) => ({
    filter: { results_count: 0, ...withinTime('searched_at', range) },
    sort: { searched_at: -1 },
  }),
});

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
