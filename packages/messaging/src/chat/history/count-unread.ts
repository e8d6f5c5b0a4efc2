import { resolveShape, type Models } from '@infratraq/mongo';
import { ChatMessage } from '../../collections/chat-message.js';
import { listDeletedMessages } from '../../collections/chat-message.queries.js';

/** How many messages of a channel there are to read after a place, tombstones left out. */
export async function countUnread(
  models: Models,
  { channel, after, latest_seq }: { channel: string; after: number; latest_seq: number },
): Promise<number> {
  if (latest_seq <= after) return 0;
  const { filter } = resolveShape(listDeletedMessages, { channel, after });
  return Math.max(0, latest_seq - after - (await models.of(ChatMessage).countDocuments(filter)));
}
