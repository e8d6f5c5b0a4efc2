import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { AiConversation } from './ai-conversation.js';
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

/** One person's conversations, the last used first. */
export const listConversationsOfUser = defineQuery(AiConversation, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id }: { user_id: string }) => ({ filter: { user_id }, sort: { last_turn_at: -1 } }),
});

/** Conversations about one entity, the last used first. */
export const listConversationsOnEntity = defineQuery(AiConversation, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({
    filter: { entity_type, entity_id },
    sort: { last_turn_at: -1 },
  }),
});

/** Conversations that follow from one request, in order. */
export const listConversationsOfCause = defineQuery(AiConversation, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { created_at: 1 } }),
});
