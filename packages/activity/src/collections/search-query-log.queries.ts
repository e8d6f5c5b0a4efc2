import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { SearchQueryLog } from './search-query-log.js';

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
