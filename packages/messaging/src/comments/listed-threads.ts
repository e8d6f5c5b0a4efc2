import type { Page, Stored } from '@infratraq/mongo';
import type { CommentThread } from '../collections/comment-thread.js';

const latestComments = 20;

/** What lists read of threads. One comment more than is shown tells whether there are earlier ones. */
export const listedContent = {
  omit: ['transitions'] as const,
  newest: { comments: latestComments + 1, subscriptions: 100 },
};

/** A thread in a list, with its latest comments. */
export type ListedThread = Stored<CommentThread> & { readonly has_earlier_comments: boolean };
export type ListedThreads = Page<ListedThread>;

/** Leaves each thread the comments that are shown. */
export function cutComments({ items, next_cursor }: Page<Stored<CommentThread>>): ListedThreads {
  const cut = items.map((thread) => ({
    ...thread,
    comments: thread.comments.slice(-latestComments),
    has_earlier_comments: thread.comments.length > latestComments,
  }));
  return { items: cut, next_cursor };
}
