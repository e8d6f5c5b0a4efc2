import { trusted, type Models, type Stored } from '@infratraq/mongo';
import type { ChatMessage } from '../../collections/chat-message.js';
import { listLatestMessagesOfChannel } from '../../collections/chat-message.queries.js';
import { ChatReadState } from '../../collections/chat-read-state.js';
import { countUnread } from '../history/count-unread.js';

/** What has happened in a channel, as one member sees it. */
export interface ChannelActivity {
  readonly last_message: Stored<ChatMessage> | null;
  readonly latest_seq: number;
  readonly read_seq: number;
  readonly unread_count: number;
}

/** A channel, and the lowest `seq` that the member may see there. */
export interface SeenChannel {
  readonly channel: string;
  readonly floor: number;
}

/** Last messages and unread counts of a page of channels; of each, no more than its last message and what was deleted. */
export async function readActivity(
  models: Models,
  userId: string,
  seen: readonly SeenChannel[],
): Promise<Map<string, ChannelActivity>> {
  if (seen.length === 0) return new Map();
  const positions = await models
    .of(ChatReadState)
    .find({ channel: trusted({ $in: seen.map(({ channel }) => channel) }), user_id: userId })
    .read('primary')
    .lean<{ channel: string; read_seq: number }[]>();
  const readOf = new Map(positions.map(({ channel, read_seq }) => [channel, read_seq]));
  const described = await Promise.all(
    seen.map(async ({ channel, floor }) => {
      const [last] = await models.find(listLatestMessagesOfChannel, { channel }, { limit: 1 });
      const latest_seq = last?.seq ?? 0;
      const read_seq = readOf.get(channel) ?? 0;
      const after = Math.max(read_seq, floor - 1);
      const activity: ChannelActivity = {
        last_message: last && last.seq >= floor ? last : null,
        latest_seq,
        read_seq,
        unread_count: await countUnread(models, { channel, after, latest_seq }),
      };
      return [channel, activity] as const;
    }),
  );
  return new Map(described);
}
