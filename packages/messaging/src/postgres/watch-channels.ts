import { followNotifications, type Postgres } from '@infratraq/postgres';
import {
  createChannelMembershipRepository,
  type Channel,
  type ChannelMember,
} from './channel-membership-repository.js';

/** What may have changed: one member, a channel's own row where there is no user, or anything where it is empty. */
export interface ChannelChange {
  readonly channel_id?: string;
  readonly user_id?: string;
}

/** Channels and their members, from memory where they are known; changes by any client are noticed within moments. */
export interface WatchedChannels {
  findMember(channelId: string, userId: string): Promise<ChannelMember | undefined>;
  findChannel(channelId: string): Promise<Channel | undefined>;
  /** Reads a channel's own row, or that of a member, anew when it is asked for next. */
  refresh(channelId: string, userId?: string): void;
  /** Adds a listener that is told of each change; the answer removes it. */
  onChange(listener: (change: ChannelChange) => void): () => void;
  close(): Promise<void>;
}

const remembered = 20_000;
// Should a broken network swallow notifications, nothing that they revoke lasts longer.
const freshMilliseconds = 60_000;

/** Watches channels and members through PostgreSQL's notifications; while those fail, every question is asked anew. */
export async function watchChannels(
  postgres: Postgres,
  onError: (error: Error) => void,
): Promise<WatchedChannels> {
  const repository = createChannelMembershipRepository(postgres);
  const known = new Map<string, { readonly row: Promise<unknown>; readonly until: number }>();
  const listeners = new Set<(change: ChannelChange) => void>();
  let listening = false;

  const announce = (change: ChannelChange): void => {
    const { channel_id, user_id } = change;
    if (channel_id === undefined) known.clear();
    else known.delete(JSON.stringify([channel_id, user_id]));
    for (const listener of listeners) listener(change);
  };
  const remember = <Row>(key: string, read: () => Promise<Row>): Promise<Row> => {
    const present = known.get(key);
    if (present && present.until > performance.now()) return present.row as Promise<Row>;
    const row = read();
    if (!listening) return row;
    // The promise itself is kept: a change that is announced while it is being read removes it in time.
    if (known.size >= remembered) known.clear();
    const entry = { row, until: performance.now() + freshMilliseconds };
    known.set(key, entry);
    const forget = () => known.get(key) === entry && known.delete(key);
    // Nothing is not remembered: a new member joins at once, on any process, before its notification is heard.
    row.then((found) => found === undefined && forget(), forget);
    return row;
  };
  const { close } = await followNotifications(
    postgres,
    { channel: 'infratraq_channel', purpose: 'channels' },
    {
      onNotification: (payload) => announce(payload === '' ? {} : (JSON.parse(payload) as ChannelChange)),
      onListening: async () => {
        listening = true;
        announce({});
      },
      onError: (error) => {
        listening = false;
        known.clear();
        onError(error);
      },
    },
  );
  return {
    findMember: (channelId, userId) =>
      remember(JSON.stringify([channelId, userId]), () => repository.find(channelId, userId)),
    findChannel: (channelId) =>
      remember(JSON.stringify([channelId, undefined]), () => repository.findChannel(channelId)),
    refresh: (channelId, userId) => void known.delete(JSON.stringify([channelId, userId])),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close,
  };
}
