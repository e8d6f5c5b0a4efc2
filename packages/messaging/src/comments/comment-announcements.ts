import { cutText, type NotificationRequest } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import type { AnnouncementSource } from '../announcements/announcer.js';
import {
  listFirstMentioned,
  listOwed,
  settleAnnouncements,
  type OwedAnnouncement,
} from '../announcements/owed-announcements.js';
import type { Announcement } from '../collections/announcement.js';
import type { Comment } from '../collections/comment-thread-parts.js';
import { listThreadsToAnnounce } from '../collections/comment-thread.queries.js';
import { CommentThread } from '../collections/comment-thread.js';
import { changeThread, findThread, referenceOf } from './store-thread.js';

type Thread = Stored<CommentThread>;

const excerptCharacters = 200;
const sweptThreads = 100;

/** Comment threads as a source of announcements. */
export function announceThreads(models: Models): AnnouncementSource<Thread, Comment> {
  return {
    doing: 'notifying of comments',
    listSubjects: ({ comments }) => comments,
    actorOf: ({ author_id, cause_id }) => ({ user_id: author_id, cause_id }),
    requestOf,
    async settle(thread, settled, times) {
      const { thread: changed } = await changeThread(models, referenceOf(thread), ({ comments }) => {
        const after = comments.map((comment) =>
          comment.announcements
            ? { ...comment, announcements: settleAnnouncements(comment, settled, times) }
            : comment,
        );
        const set = Object.fromEntries(
          after.flatMap(({ announcements }, place) =>
            announcements?.some(({ key }) => settled.some((one) => one.key === key))
              ? [[`comments.${place}.announcements`, announcements]]
              : [],
          ),
        );
        const isSettled = after.every((comment) => listOwed(comment).length === 0);
        return { update: { $set: set, ...(isSettled && { $unset: { announcing_since: 1 } }) } };
      });
      return changed;
    },
    // Only what claiming needs: the thread is read then.
    listWaiting: (before) =>
      models.find(listThreadsToAnnounce, { before }, { limit: sweptThreads, fields: [] }),
    async claim({ _id, announcing_since }, now) {
      const claimed = await models
        .of(CommentThread)
        .findOneAndUpdate({ _id, announcing_since }, { $set: { announcing_since: now } })
        .lean<Thread | null>();
      return claimed && findThread(models, referenceOf(claimed));
    },
  };
}

/** Notifications of a new comment: one to all followers, one to the mentioned users. */
export function oweForComment({ comment_id, mentions = [] }: Comment): Announcement[] {
  const key = `comment:${comment_id}`;
  return [{ key }, ...(mentions.length > 0 ? [{ key: `${key}:mentioned`, mentioned: mentions }] : [])];
}

/** Notification of an edit, to users whom no earlier text mentioned. */
export function oweForEdit(before: Comment, mentions: readonly string[]): Announcement[] {
  // The comment was written without a notifier; an edit does not announce it.
  if (!before.announcements) return [];
  const mentioned = listFirstMentioned(mentions, before.announcements);
  if (mentioned.length === 0) return [];
  const place = before.announcements.length;
  return [{ key: `comment:${before.comment_id}:mentioned:${place}`, mentioned }];
}

function requestOf(
  thread: Thread,
  { subject: comment, announcement }: OwedAnnouncement<Comment>,
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
  const excerpt = cutText(comment.body.replaceAll(/\s+/g, ' ').trim(), excerptCharacters);
  return {
    to: { users, except: [author_id] },
    type: announcement.mentioned ? 'comment.mentioned' : 'comment.added',
    data: { entity_type, entity_id, thread_id, comment_id, author_id, excerpt },
    entity: { entity_type, entity_id },
    idempotency_key: announcement.key,
    collapse_key: `thread:${thread_id}`,
  };
}
