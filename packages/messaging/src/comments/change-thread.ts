import { randomUUID } from 'node:crypto';
import { ConflictError, currentActor, fingerprintOf, ForbiddenError, NotFoundError } from '@infratraq/kernel';
import type { UpdateQuery } from 'mongoose';
import type { CommentThread } from '../collections/comment-thread.js';
import type { Comment } from '../collections/comment-thread-parts.js';
import { findMentions } from '../mentions/find-mentions.js';
import { threadLimits } from '../collections/message-limits.js';
import { oweForEdit } from './comment-announcements.js';
import { fullThread, type ThreadChange } from './store-thread.js';
import { subscribeTo } from './subscribe-to-thread.js';

/** A change of one comment. */
export interface CommentChange extends ThreadChange {
  readonly comment: Comment;
}

/** A comment to be written. */
export interface CommentInput {
  readonly author_id: string;
  readonly body: string;
  readonly parent_id?: string | undefined;
  /** Chosen by the client: the same comment under it is written once, another one is refused. */
  readonly client_comment_id?: string | undefined;
}

/**
 * Decides how a new comment joins a thread. A resolved thread reopens.
 * @throws ConflictError `comment.key-reused`, `thread.full`
 */
export function addComment(thread: CommentThread, comment: Comment): CommentChange {
  const written = findWritten(thread, comment);
  if (written) return { comment: written };
  const { author_id, created_at, mentions = [], parent_id } = comment;
  if (parent_id !== undefined) findComment(thread, parent_id);
  if (thread.comments.length >= threadLimits.comments) throw fullThread();
  const reopens = thread.state === 'resolved';
  const addedBytes = Buffer.byteLength(comment.body);
  const subscriptions = subscribeTo(thread.subscriptions, author_id, mentions, 'replied', created_at);
  const update: UpdateQuery<CommentThread> = {
    $push: {
      comments: comment,
      ...(reopens && { transitions: { to: 'open', by: author_id, at: created_at } }),
    },
    $set: {
      last_comment_at: created_at,
      subscriptions,
      ...(reopens && { state: 'open' }),
      ...announcingSince(thread, comment.announcements, created_at),
    },
    ...(reopens && { $unset: { resolved_at: 1, resolved_by: 1 } }),
    $inc: { comment_count: 1, content_bytes: addedBytes },
  };
  return { comment, update, addedBytes };
}

/** Decides how an author's new text replaces the earlier one, which joins the edit history. */
export function editComment(
  thread: CommentThread,
  commentId: string,
  { user_id, body }: { user_id: string; body: string },
): CommentChange {
  const { comment, place } = findComment(thread, commentId);
  if (comment.author_id !== user_id)
    throw new ForbiddenError('Only its author can edit a comment', 'comment.forbidden');
  if (comment.deleted_at) throw new ConflictError('This comment was deleted', 'comment.deleted');
  if (comment.body === body) return { comment };
  if ((comment.edits?.length ?? 0) >= threadLimits.editsPerComment)
    throw new ConflictError('This comment was edited too often; write a new one', 'comment.edits');
  const edited_at = new Date();
  const mentions = findMentions(body);
  const edits = [...(comment.edits ?? []), { body: comment.body, edited_by: user_id, edited_at }];
  const { mentions: _before, ...rest } = comment;
  const owed = oweForEdit(comment, mentions);
  const edited = {
    ...rest,
    body,
    edits,
    edited_at,
    ...(mentions.length > 0 && { mentions }),
    ...(owed.length > 0 && { announcements: [...(comment.announcements ?? []), ...owed] }),
  };
  const addedBytes = Buffer.byteLength(body);
  const subscriptions = subscribeTo(thread.subscriptions, undefined, mentions, 'mentioned', edited_at);
  const update = {
    $set: {
      [`comments.${place}`]: edited,
      subscriptions,
      ...announcingSince(thread, owed, edited_at),
    },
    $inc: { content_bytes: addedBytes },
  };
  return { comment: edited, update, addedBytes };
}

/** Decides how a comment of the user, or any comment for a moderator, becomes a tombstone; replies still refer to it. */
export function deleteComment(
  thread: CommentThread,
  commentId: string,
  { user_id: userId, moderates = false }: { user_id: string; moderates?: boolean | undefined },
): CommentChange {
  const { comment, place } = findComment(thread, commentId);
  if (comment.author_id !== userId && !moderates)
    throw new ForbiddenError('Only its author or a manager can delete a comment', 'comment.forbidden');
  if (comment.deleted_at) return { comment };
  const { comment_id, parent_id, author_id, client_comment_id, fingerprint } = comment;
  const { announcements, created_at, cause_id } = comment;
  const deleted_at = new Date();
  const tombstone: Comment = {
    comment_id,
    ...(parent_id && { parent_id }),
    author_id,
    ...(client_comment_id && { client_comment_id, ...(fingerprint && { fingerprint }) }),
    body: '',
    ...(announcements && { announcements }),
    created_at,
    deleted_at,
    deleted_by: userId,
    ...(cause_id && { cause_id }),
  };
  const texts = [comment, ...(comment.edits ?? [])];
  const bytes = texts.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
  const update = {
    $set: { [`comments.${place}`]: tombstone, ...announcingSince(thread, announcements, deleted_at) },
    $inc: { comment_count: -1, content_bytes: -bytes },
  };
  return { comment: tombstone, update };
}

/** Makes a comment, which was checked before, ready to be stored. */
export function draftComment(input: CommentInput): Comment {
  const mentions = findMentions(input.body);
  const cause_id = currentActor()?.cause_id;
  return {
    comment_id: randomUUID(),
    ...(input.parent_id !== undefined && { parent_id: input.parent_id }),
    author_id: input.author_id,
    ...(input.client_comment_id !== undefined && {
      client_comment_id: input.client_comment_id,
      fingerprint: fingerprintOf({ body: input.body, parent_id: input.parent_id }),
    }),
    body: input.body,
    ...(mentions.length > 0 && { mentions }),
    created_at: new Date(),
    ...(cause_id && { cause_id }),
  };
}

/**
 * The comment that its author has written under the same key before.
 * @throws ConflictError `comment.key-reused` where that was another one
 */
export function findWritten(thread: CommentThread, comment: Comment): Comment | undefined {
  const { client_comment_id, author_id, fingerprint } = comment;
  if (client_comment_id === undefined) return undefined;
  const written = thread.comments.find(
    (one) => one.client_comment_id === client_comment_id && one.author_id === author_id,
  );
  if (!written || written.fingerprint === fingerprint) return written;
  throw new ConflictError(
    `You have written another comment as ${client_comment_id}; give each comment an id of its own`,
    'comment.key-reused',
  );
}

// The earliest time counts, so that a lively thread does not delay the announcements of an old comment.
function announcingSince(thread: CommentThread, owed: readonly unknown[] | undefined, at: Date) {
  return owed?.length && !thread.announcing_since ? { announcing_since: at } : {};
}

function findComment(thread: CommentThread, commentId: string): { comment: Comment; place: number } {
  const place = thread.comments.findIndex(({ comment_id }) => comment_id === commentId);
  const comment = thread.comments[place];
  if (!comment) throw new NotFoundError(`This thread has no comment ${commentId}`, 'comment.unknown');
  return { comment, place };
}
