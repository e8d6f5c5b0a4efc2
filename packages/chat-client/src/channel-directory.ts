import type { Channel, NewChannel } from '@infratraq/chat-wire';
import type { ChannelApi } from './channel-api.js';
import type { ChannelFollower } from './channel-follower.js';
import { makeKey } from './make-key.js';

/** The channels of the user: makes and changes them over HTTP, and keeps a copy of their list in step. */
export class ChannelDirectory {
  readonly #api: ChannelApi;
  readonly #follower: ChannelFollower;

  constructor(api: ChannelApi, follower: ChannelFollower) {
    this.#api = api;
    this.#follower = follower;
  }

  /** The user's channels that are in use, the latest joined first, once {@link follow} has read them; empty before. */
  get mine(): readonly Channel[] {
    return this.#follower.all;
  }

  /**
   * Reads the user's channels, and keeps {@link mine} in step from then on; each change emits `channels:changed`. Unread
   * counts and last messages of channels that are not joined follow with the next sync.
   */
  async follow(): Promise<readonly Channel[]> {
    await this.#follower.begin();
    return this.mine;
  }

  /** Lists the user's channels, with unread counts and last messages; with `archived`, also those that are archived. */
  list(part: { readonly archived?: boolean } = {}): Promise<readonly Channel[]> {
    return this.#api.list(part);
  }

  /**
   * Makes a group, the channel between two users, or one of an entity. A call that failed can be repeated with the same
   * `client_channel_id`.
   */
  async create(draft: NewChannel): Promise<Channel> {
    return this.#keep(await this.#api.create({ client_channel_id: makeKey(), ...draft }));
  }

  /** Reads a channel with its stored members. */
  get(channel: string): Promise<Channel> {
    return this.#api.read(channel);
  }

  /** Lists stored members; besides them, whoever may see its entity is a member of a channel of an entity. */
  async listMembers(channel: string): Promise<NonNullable<Channel['members']>> {
    return (await this.#api.read(channel)).members ?? [];
  }

  /** Changes the title of a group or of an entity's channel. */
  async rename(channel: string, title: string): Promise<Channel> {
    return this.#keep(await this.#api.change(channel, { title }));
  }

  /** Archives a channel: it can be read, and no longer changed. */
  async archive(channel: string): Promise<Channel> {
    return this.#keep(await this.#api.change(channel, { archived: true }));
  }

  /** Takes an archived channel back into use. */
  async reopen(channel: string): Promise<Channel> {
    return this.#keep(await this.#api.change(channel, { archived: false }));
  }

  /** Adds a member, or changes a member's role. */
  putMember(channel: string, userId: string, role?: 'manager' | 'member' | 'reader'): Promise<void> {
    return this.#api.putMember(channel, userId, role);
  }

  /** Removes a member. */
  async removeMember(channel: string, userId: string): Promise<void> {
    await this.#api.removeMember(channel, userId);
  }

  /**
   * Ends the user's own membership. The channel is handed over to the successor; without one, it is archived with its
   * last manager. The client's own `leave` only stops listening.
   * @throws ChatError `client.user-unknown` without a `userId`, where the token does not name one
   */
  async leave(channel: string, { successor }: { readonly successor?: string } = {}): Promise<boolean> {
    const { archived } = await this.#api.removeMember(channel, await this.#api.userId(), successor);
    this.#follower.take((copies) => copies.remove(channel));
    return archived;
  }

  /** Turns notifications of mentions in a channel off, or on again. */
  async mute(channel: string, on = true): Promise<void> {
    await this.#api.mute(channel, on);
    this.#follower.take((copies) => copies.change(channel, { muted: on }));
  }

  #keep(channel: Channel): Channel {
    this.#follower.take((copies) => copies.put(channel));
    return channel;
  }
}
