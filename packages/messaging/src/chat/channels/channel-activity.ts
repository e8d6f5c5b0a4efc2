import { trusted, type Models, type Stored } from '@infratraq/mongo';
import { ChatMessage } from '../../collections/chat-message.js';
import { ChatReadState } from '../../collections/chat-read-state.js';

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

/** Last messages and unread counts of a page of channels, in three queries however many there are. */
export async function readActivity(
  models: Models,
  userId: string,
  seen: readonly SeenChannel[],
): Promise<Map<string, ChannelActivity>> {
  if (seen.length === 0) return new Map();
  const channels = trusted({ $in: seen.map(({ channel }) => channel) });
  const messages = models.of(ChatMessage);
  const [latest, positions] = await Promise.all([
    messages
      // In the order of the index: MongoDB reads one message of each channel.
      .aggregate<{ _id: string; last: Stored<ChatMessage> }>([
        { $match: { channel: channels } },
        { $sort: { channel: -1, seq: -1 } },
        { $group: { _id: '$channel', last: { $first: '$$ROOT' } } },
      ])
      .read('primary'),
    models
      .of(ChatReadState)
      .find({ channel: channels, user_id: userId })
      .read('primary')
      .lean<{ channel: string; read_seq: number }[]>(),
  ]);
  const lastOf = new Map(latest.map(({ _id, last }) => [_id, last]));
  const readOf = new Map(positions.map(({ channel, read_seq }) => [channel, read_seq]));
  const begun = seen.map(({ channel, floor }) => ({
    channel,
    after: Math.max(readOf.get(channel) ?? 0, floor - 1),
    latest_seq: lastOf.get(channel)?.seq ?? 0,
  }));
  const unread = begun.filter(({ after, latest_seq }) => latest_seq > after);
  const deleted =
    unread.length === 0
      ? []
      : await messages.aggregate<{ _id: string; count: number }>([
          {
            $match: {
              $or: unread.map(({ channel, after }) => ({
                channel,
                seq: { $gt: after },
                deleted_at: { $exists: true },
              })),
            },
          },
          { $group: { _id: '$channel', count: { $sum: 1 } } },
        ]);
  const deletedOf = new Map(deleted.map(({ _id, count }) => [_id, count]));
  return new Map(
    seen.map(({ channel, floor }, place) => {
      const { after = 0, latest_seq = 0 } = begun[place] ?? {};
      const last = lastOf.get(channel);
      return [
        channel,
        {
          last_message: last && last.seq >= floor ? last : null,
          latest_seq,
          read_seq: readOf.get(channel) ?? 0,
          unread_count: Math.max(0, latest_seq - after - (deletedOf.get(channel) ?? 0)),
        },
      ];
    }),
  );
}
