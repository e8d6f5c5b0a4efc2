import type { Models } from '@infratraq/mongo';
import { listDeletedMessages } from '../../collections/chat-message.queries.js';

/** How many messages of a channel there are to read after a place, tombstones left out. */
export async function countUnread(
  models: Models,
  { channel, after, latest_seq }: { channel: string; after: number; latest_seq: number },
): Promise<number> {
  let unread = Math.max(0, latest_seq - after);
  if (unread === 0) return 0;
  for await (const _tombstone of models.stream(listDeletedMessages, { channel, after })) unread -= 1;
  return Math.max(0, unread);
}
