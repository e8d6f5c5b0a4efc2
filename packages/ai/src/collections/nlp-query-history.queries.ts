import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { NlpQueryHistory } from './nlp-query-history.js';

/** Questions that one person asked, the newest first. */
export const listQueriesOfUser = defineQuery(NlpQueryHistory, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id, ...range }: { user_id: string } & TimeRange) => ({
    filter: { user_id, ...withinTime('asked_at', range) },
    sort: { asked_at: -1 },
  }),
});

/** Questions that were understood alike, the newest first. */
export const listQueriesOfIntent = defineQuery(NlpQueryHistory, {
  example: { intent: 'list_late_projects' },
  shape: ({ intent, ...range }: { intent: string } & TimeRange) => ({
    filter: { 'intent.name': intent, ...withinTime('asked_at', range) },
    sort: { asked_at: -1 },
  }),
});

/** Questions that follow from one request, in order. */
export const listQueriesOfCause = defineQuery(NlpQueryHistory, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { asked_at: 1 } }),
});
