import type { Models } from '@infratraq/mongo';
import { listDeletedMessages } from '../../collections/chat-message.queries.js';

/** Tombstones are looked for among so many of the newest messages: the cost must not follow how much was never read. */
const mostLookedAt = 1_000;

/**
 * How many messages of a channel there are to read after a place. Tombstones are left out, as far as they are among the
 * newest thousand.
 */
export async function countUnread(
  models: Models,
  { channel, after, latest_seq }: { channel: string; after: number; latest_seq: number },
): Promise<number> {
  if (latest_seq <= after) return 0;
  const newest = { channel, after: Math.max(after, latest_seq - mostLookedAt) };
  const deleted = new Set<number>();
  for await (const { seq } of models.stream(listDeletedMessages, newest)) deleted.add(seq);
  return Math.max(0, latest_seq - after - deleted.size);
}
