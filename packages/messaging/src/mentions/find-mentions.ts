import { messageLimits } from '../collections/message-limits.js';

const mention = /(?<![\p{L}\p{N}_@.-])@([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/gu;

/** Ids of the users that a text names as `@user`, each once, in the order of their first mention. */
export function findMentions(text: string): string[] {
  const ids = new Set<string>();
  for (const [, id] of text.matchAll(mention)) {
    if (id) ids.add(id);
    if (ids.size === messageLimits.mentions) break;
  }
  return [...ids];
}
