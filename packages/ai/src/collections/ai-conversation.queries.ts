import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { AiConversation } from './ai-conversation.js';

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
