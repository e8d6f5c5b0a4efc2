import type { Stored } from '@infratraq/mongo';
import { timestamp } from '@infratraq/transport';
import { z } from 'zod';
import { attachmentResponse } from '../chat/message-response.js';
import {
  subscriptionReasons,
  threadStates,
  type CommentThread,
  type ThreadSubscription,
} from '../collections/comment-thread.js';
import type { ListedThread } from './listed-threads.js';
import type { Comment } from '../collections/comment-thread-parts.js';

/** A comment as HTTP answers it. */
export const commentResponse = z.object({
  comment_id: z.string(),
  parent_id: z.string().optional().describe('The comment that it answers'),
  author_id: z.string(),
  body: z.string().describe('Empty once deleted'),
  mentions: z.array(z.string()),
  attachments: z.array(attachmentResponse),
  edit_count: z.number(),
  created_at: timestamp,
  edited_at: timestamp.optional(),
  deleted_at: timestamp.optional(),
});

/** A thread as HTTP answers it. */
export const threadResponse = z.object({
  thread_id: z.string(),
  entity_type: z.string(),
  entity_id: z.string(),
  state: z.enum(threadStates),
  comments: z
    .array(commentResponse)
    .describe('In the order in which they were written; in lists the latest 20'),
  has_earlier_comments: z.boolean().describe('Whether the thread, fetched alone, has comments before these'),
  comment_count: z.number().describe('Without deleted ones'),
  followers: z.array(z.string()).describe('Ids of the users who follow the thread; in lists the latest 100'),
  created_by: z.string(),
  created_at: timestamp,
  last_comment_at: timestamp,
  resolved_at: timestamp.optional(),
  resolved_by: z.string().optional(),
});

/** A follower as HTTP answers it. */
export const subscriptionResponse = z.object({
  user_id: z.string(),
  reason: z.enum(subscriptionReasons).describe('What made them follow'),
  since: timestamp,
  muted_at: timestamp.optional().describe('They are told nothing until they follow again'),
});

/** A stored comment as clients see it. */
export function presentComment(comment: Comment): z.output<typeof commentResponse> {
  return {
    comment_id: comment.comment_id,
    ...(comment.parent_id && { parent_id: comment.parent_id }),
    author_id: comment.author_id,
    body: comment.body,
    mentions: comment.mentions ?? [],
    attachments: comment.attachments ?? [],
    edit_count: comment.edits?.length ?? 0,
    created_at: comment.created_at,
    ...(comment.edited_at && { edited_at: comment.edited_at }),
    ...(comment.deleted_at && { deleted_at: comment.deleted_at }),
  };
}

/** A stored thread as clients see it. */
export function presentThread(
  thread: Stored<CommentThread> & Partial<ListedThread>,
): z.output<typeof threadResponse> {
  return {
    thread_id: thread._id.toHexString(),
    entity_type: thread.entity_type,
    entity_id: thread.entity_id,
    state: thread.state,
    comments: thread.comments.map(presentComment),
    has_earlier_comments: thread.has_earlier_comments ?? false,
    comment_count: thread.comment_count,
    followers: thread.subscriptions.filter(({ muted_at }) => !muted_at).map(({ user_id }) => user_id),
    created_by: thread.created_by,
    created_at: thread.created_at,
    last_comment_at: thread.last_comment_at,
    ...(thread.resolved_at && { resolved_at: thread.resolved_at }),
    ...(thread.resolved_by && { resolved_by: thread.resolved_by }),
  };
}

/** A stored subscription as clients see it. */
export function presentSubscription({
  user_id,
  reason,
  since,
  muted_at,
}: ThreadSubscription): z.output<typeof subscriptionResponse> {
  return { user_id, reason, since, ...(muted_at && { muted_at }) };
}
