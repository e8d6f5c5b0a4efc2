import type { CommentThread, ThreadSubscription } from '../collections/comment-thread.js';

/**
 * Adds an author and the users whom they mention to the followers of a thread. Existing followers, muted ones included,
 * are left unchanged.
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

/** Lets a user follow a thread, or mute it until they follow it again. */
export function chooseSubscription(
  { subscriptions }: Pick<CommentThread, 'subscriptions'>,
  user_id: string,
  follows: boolean,
): { update?: { $set: { subscriptions: ThreadSubscription[] } } } {
  const now = new Date();
  const present = subscriptions.find((subscription) => subscription.user_id === user_id);
  if (present && !present.muted_at === follows) return {};
  const { reason, since } = present ?? { reason: 'chosen' as const, since: now };
  const chosen: ThreadSubscription = follows
    ? { user_id, reason, since: now }
    : { user_id, reason, since, muted_at: now };
  const others = subscriptions.filter((subscription) => subscription !== present);
  return { update: { $set: { subscriptions: [...others, chosen] } } };
}
