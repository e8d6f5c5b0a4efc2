import type { ThreadSubscription } from './comment-thread.js';

/**
 * Adds an author and those they mention to the followers of a thread; who follows it already, or has muted it,
 * stays as they are.
 */
export function subscribeTo(
  subscriptions: readonly ThreadSubscription[],
  authorId: string | undefined,
  mentioned: readonly string[],
  reason: ThreadSubscription['reason'],
  since: Date,
): ThreadSubscription[] {
  const followers = new Map(subscriptions.map((subscription) => [subscription.user_id, subscription]));
  const follow = (user_id: string, why: ThreadSubscription['reason']) => {
    if (!followers.has(user_id)) followers.set(user_id, { user_id, reason: why, since });
  };
  if (authorId !== undefined) follow(authorId, reason);
  for (const user_id of mentioned) follow(user_id, 'mentioned');
  return [...followers.values()];
}
