import type { NotificationRequest } from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import type { UpdateQuery } from 'mongoose';
import type { CommentThread } from '../collections/comment-thread.js';
import type { Comment, CommentAnnouncement } from '../collections/comment-thread-parts.js';

/** A notification that is to be sent or retracted. */
export interface OwedAnnouncement {
  readonly comment: Comment;
  readonly announcement: CommentAnnouncement;
  readonly act: 'send' | 'retract';
}

/** A notification that was sent or retracted. */
export type SettledAnnouncement = Pick<CommentAnnouncement, 'key'> & Pick<OwedAnnouncement, 'act'>;

const excerptCharacters = 200;

/** Notifications of a new comment: one to all followers, one to the mentioned users. */
export function oweForComment(comment: Comment): CommentAnnouncement[] {
  const { comment_id, mentions = [] } = comment;
  const key = `comment:${comment_id}`;
  return [{ key }, ...(mentions.length > 0 ? [{ key: `${key}:mentioned`, mentioned: mentions }] : [])];
}

/** Notification of an edit, to users whom no earlier text mentioned. */
export function oweForEdit(before: Comment, mentions: readonly string[]): CommentAnnouncement[] {
  // The comment was written without a notifier; an edit does not announce it.
  if (!before.announcements) return [];
  const known = new Set(before.announcements.flatMap(({ mentioned = [] }) => mentioned));
  const mentioned = mentions.filter((user) => !known.has(user));
  if (mentioned.length === 0) return [];
  const place = before.announcements.length;
  return [{ key: `comment:${before.comment_id}:mentioned:${place}`, mentioned }];
}

/** Notifications that are due for a comment. */
export function listOwed(comment: Comment): OwedAnnouncement[] {
  const act = comment.deleted_at ? 'retract' : 'send';
  return (comment.announcements ?? [])
    .filter(({ sent_at, retracted_at }) => (act === 'send' ? !sent_at : !retracted_at))
    .map((announcement) => ({ comment, announcement, act }));
}

/**
 * Decides how a thread records sent and retracted notifications. A retraction is final only for comments deleted before
 * `sendersEndedBefore`: until then, the notification may still be on its way.
 */
export function settleAnnouncements(
  thread: Stored<CommentThread>,
  settled: readonly SettledAnnouncement[],
  { now, sendersEndedBefore }: { now: Date; sendersEndedBefore: Date },
): { update: UpdateQuery<CommentThread> } {
  const set: Record<string, CommentAnnouncement[]> = {};
  const comments = thread.comments.map((comment, place) => {
    if (!comment.announcements?.some(({ key }) => settled.some((one) => one.key === key))) return comment;
    const announcements = comment.announcements.map((announcement) => {
      const acts = settled.filter(({ key }) => key === announcement.key).map(({ act }) => act);
      return settle(announcement, acts, now, !!comment.deleted_at && comment.deleted_at < sendersEndedBefore);
    });
    set[`comments.${place}.announcements`] = announcements;
    return { ...comment, announcements };
  });
  const isSettled = comments.every((comment) => listOwed(comment).length === 0);
  return { update: { $set: set, ...(isSettled && { $unset: { announcing_since: 1 } }) } };
}

function settle(
  { retracted_at, ...before }: CommentAnnouncement,
  acts: readonly OwedAnnouncement['act'][],
  now: Date,
  nobodySends: boolean,
): CommentAnnouncement {
  // Sent after its retraction: it must be retracted again.
  if (acts.includes('send')) return { ...before, sent_at: now };
  if (acts.includes('retract') && (before.sent_at || nobodySends)) return { ...before, retracted_at: now };
  return { ...before, ...(retracted_at && { retracted_at }) };
}

/** The notification request; undefined when no recipient is left. */
export function requestOf(
  thread: Stored<CommentThread>,
  { comment, announcement }: OwedAnnouncement,
): NotificationRequest | undefined {
  const { entity_type, entity_id } = thread;
  const { comment_id, author_id, created_at } = comment;
  const thread_id = thread._id.toHexString();
  const alreadyMentioned = (comment.announcements ?? []).flatMap(({ mentioned = [] }) => mentioned);
  const muted = thread.subscriptions.filter(({ muted_at }) => muted_at).map(({ user_id }) => user_id);
  const followers = thread.subscriptions.filter(({ since }) => since <= created_at);
  const named = announcement.mentioned ?? followers.map(({ user_id }) => user_id);
  const except = [author_id, ...muted, ...(announcement.mentioned ? [] : alreadyMentioned)];
  const users = named.filter((user) => !except.includes(user));
  if (users.length === 0) return undefined;
  return {
    to: { users, except: [author_id] },
    type: announcement.mentioned ? 'comment.mentioned' : 'comment.added',
    data: { entity_type, entity_id, thread_id, comment_id, author_id, excerpt: excerptOf(comment.body) },
    entity: { entity_type, entity_id },
    idempotency_key: announcement.key,
    collapse_key: `thread:${thread_id}`,
  };
}

function excerptOf(body: string): string {
  const characters = [...body.replaceAll(/\s+/g, ' ').trim()];
  if (characters.length <= excerptCharacters) return characters.join('');
  return `${characters.slice(0, excerptCharacters - 1).join('')}…`;
}
