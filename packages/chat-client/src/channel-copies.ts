import type { Channel, ChatNotices, Message } from '@infratraq/chat-wire';

/** The user's channels that are in use, as far as the server has told. Any change may be applied twice. */
export class ChannelCopies {
  #channels = new Map<string, Channel>();
  #version = 0;

  /** Differs after each change. */
  get version(): number {
    return this.#version;
  }

  get all(): readonly Channel[] {
    return [...this.#channels.values()];
  }

  get(channel: string): Channel | undefined {
    return this.#channels.get(channel);
  }

  replaceAll(channels: readonly Channel[]): void {
    if (JSON.stringify(channels) === JSON.stringify(this.all)) return;
    this.#channels = new Map(channels.map((channel) => [channel.channel_id, channel]));
    this.#version += 1;
  }

  /** A new channel comes first. One that is archived, or of which the user is no member, goes. */
  put({ members: _members, ...channel }: Channel): void {
    const { channel_id, archived_at, role } = channel;
    if (archived_at !== null || role === null) return this.remove(channel_id);
    if (this.#channels.has(channel_id)) return this.#change(channel_id, () => channel);
    this.#channels = new Map([[channel_id, channel], ...this.#channels]);
    this.#version += 1;
  }

  remove(channel: string): void {
    if (this.#channels.delete(channel)) this.#version += 1;
  }

  change(channel: string, change: Partial<Channel>): void {
    this.#change(channel, () => change);
  }

  /** A message that was sent or changed. */
  takeMessage(message: Message): void {
    const { seq } = message;
    this.#change(message.channel, ({ latest_seq, unread_count, last_message }) => {
      const latest = latest_seq ?? 0;
      if (seq > latest)
        return { latest_seq: seq, unread_count: (unread_count ?? 0) + seq - latest, last_message: message };
      const isNewer = last_message?.seq === seq && last_message.revision < message.revision;
      return isNewer ? { last_message: message } : {};
    });
  }

  /** How far the user has read, on any device. */
  takeRead({ channel, read_seq }: Pick<ChatNotices['read:changed'], 'channel' | 'read_seq'>): void {
    this.#change(channel, ({ latest_seq, unread_count, read_seq: before }) => {
      if (read_seq <= (before ?? 0)) return {};
      const left = Math.max(0, (latest_seq ?? 0) - read_seq);
      return { read_seq, unread_count: Math.min(unread_count ?? 0, left) };
    });
  }

  #change(channel: string, changeOf: (present: Channel) => Partial<Channel>): void {
    const present = this.#channels.get(channel);
    if (!present) return;
    const change = changeOf(present);
    const names = Object.keys(change) as (keyof Channel)[];
    if (names.every((name) => JSON.stringify(present[name]) === JSON.stringify(change[name]))) return;
    this.#channels.set(channel, { ...present, ...change });
    this.#version += 1;
  }
}
