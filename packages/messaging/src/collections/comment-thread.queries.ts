import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { CommentThread } from './comment-thread.js';

/** Threads about an entity, newest first. */
export const listThreadsOfEntity = defineQuery(CommentThread, {
  example: { entity_type: 'work_orders', entity_id: '7' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({
    filter: { entity_type, entity_id },
    sort: { created_at: -1 },
  }),
});

/** Threads that a user follows or has muted, the latest commented first. */
export const listThreadsFollowedByUser = defineQuery(CommentThread, {
  example: { user_id: 'u-1', scopes: ['project:1', '*'] },
  shape: ({ user_id, scopes }: { user_id: string; scopes?: readonly string[] }) => ({
    filter: { 'subscriptions.user_id': user_id, ...(scopes && { scopes: { $in: scopes } }) },
    sort: { last_comment_at: -1 },
  }),
});

/** Threads with a comment that mentions a user, the latest commented first. */
export const listThreadsMentioningUser = defineQuery(CommentThread, {
  example: { user_id: 'u-1', scopes: ['project:1', '*'] },
  shape: ({ user_id, scopes }: { user_id: string; scopes?: readonly string[] }) => ({
    filter: { 'comments.mentions': user_id, ...(scopes && { scopes: { $in: scopes } }) },
    sort: { last_comment_at: -1 },
  }),
});

/** Threads whose notifications were left unsent, the longest waiting first. */
export const listThreadsToAnnounce = defineQuery(CommentThread, {
  example: { before: new Date(Date.UTC(2026, 0, 15)) },
  shape: ({ before }: { before: Date }) => ({
    // Not every engine infers from the comparison that the field exists, as the partial index asks.
    filter: { announcing_since: { $exists: true, $lt: before } },
    sort: { announcing_since: 1 },
  }),
});
