import type { ChatNoticeName, ChatNotices, ChatResult } from '@infratraq/chat-wire';
import type { SocketIdentity } from '@infratraq/transport';
import type { ChatNamespace, ChatSocket, Notice } from './chat-namespace.js';

/** Room of all sockets in a channel. */
export function channelRoom(channel: string): string {
  return JSON.stringify(['channel', channel]);
}

/** Room of the sockets whose users do not see the beginning of the channel. */
export function newcomerRoom(channel: string): string {
  return JSON.stringify(['newcomer', channel]);
}

/** Room of one user's devices in a channel. */
export function memberRoom(channel: string, userId: string): string {
  return JSON.stringify(['member', channel, userId]);
}

/** Room of one user's devices, whatever they have joined. */
export function userRoom(userId: string): string {
  return JSON.stringify(['user', userId]);
}

/** One user in one channel. */
export interface Membership {
  readonly channel: string;
  readonly user_id: string;
}

type PresenceList = ChatResult<'presence:list'>;

/** Joined sockets by channel, and the announcements to them. */
export class ChatRooms {
  readonly #namespace: ChatNamespace;
  readonly #onError: (error: unknown) => void;
  #isAlone = false;

  constructor(namespace: ChatNamespace, onError: (error: unknown) => void) {
    this.#namespace = namespace;
    this.#onError = onError;
  }

  /** Emits an event to a channel, on every server process. */
  announce<Name extends ChatNoticeName>(channel: string, event: Name, ...notice: Notice<Name>): void {
    this.#namespace.to(channelRoom(channel)).emit(event, ...notice);
  }

  /**
   * Like {@link announce}, for a message that newcomers may not be allowed to see: they are asked to sync instead, and
   * the answer holds only what they may see.
   */
  announceChange<Name extends ChatNoticeName>(channel: string, event: Name, ...notice: Notice<Name>): void {
    this.#namespace
      .to(channelRoom(channel))
      .except(newcomerRoom(channel))
      .emit(event, ...notice);
    this.#namespace.to(newcomerRoom(channel)).emit('chat:resync', { channels: [channel] });
  }

  /** Makes all clients of a channel sync, on every server process. */
  resync(channel: string): void {
    this.announce(channel, 'chat:resync', { channels: [channel] });
  }

  /** Makes all clients sync whose channels these rooms belong to, on every server process. */
  resyncRooms(rooms: readonly string[]): void {
    for (const channel of new Set(rooms.flatMap(channelOf))) this.resync(channel);
  }

  /** Makes the clients that this process serves sync all of their channels. */
  resyncHere(): void {
    for (const socket of this.#namespace.sockets.values()) {
      const channels = joinedChannels(socket);
      if (channels.length > 0) socket.emit('chat:resync', { channels });
    }
  }

  /** Adds a socket to a channel. The first device of a user makes them present. */
  async enter(socket: ChatSocket, channel: string, userId: string, isNewcomer: boolean): Promise<void> {
    if (hasJoined(socket, channel)) return;
    const others = this.#devicesOf(memberRoom(channel, userId));
    const rooms = [channelRoom(channel), memberRoom(channel, userId)];
    await socket.join(isNewcomer ? [...rooms, newcomerRoom(channel)] : rooms);
    // Not awaited: a server process that has just died would delay the client's messages.
    this.#tellPresence(others, channel, userId, true);
  }

  /** Removes a socket from a channel. With their last device, the user is absent. */
  async leave(socket: ChatSocket, channel: string, userId: string): Promise<void> {
    if (!hasJoined(socket, channel)) return;
    for (const room of roomsOf(channel, userId)) await socket.leave(room);
    this.announceAbsence(channel, userId);
  }

  /** Removes all devices of a user from a channel, on every server process. */
  expel(channel: string, userId: string): void {
    const devices = this.#namespace.in(memberRoom(channel, userId));
    devices.emit('channel:removed', { channel });
    devices.socketsLeave(roomsOf(channel, userId));
    this.announce(channel, 'presence:changed', { channel, user_id: userId, online: false });
  }

  /** Removes those devices of a user from a channel that this process serves. */
  expelHere(channel: string, userId: string): void {
    const room = memberRoom(channel, userId);
    if (!this.#namespace.adapter.rooms.has(room)) return;
    const devices = this.#namespace.local.in(room);
    devices.emit('channel:removed', { channel });
    devices.socketsLeave(roomsOf(channel, userId));
    this.announceAbsence(channel, userId);
  }

  /** Marks whether a user sees the whole channel, for the devices that this process serves. */
  markNewcomerHere({ channel, user_id }: Membership, isNewcomer: boolean): void {
    const devices = this.#namespace.local.in(memberRoom(channel, user_id));
    if (isNewcomer) devices.socketsJoin(newcomerRoom(channel));
    else devices.socketsLeave(newcomerRoom(channel));
  }

  /** Emits an event to those devices of a member that this process serves. */
  tellMemberHere<Name extends ChatNoticeName>(
    { channel, user_id }: Membership,
    event: Name,
    ...notice: Notice<Name>
  ): void {
    this.#namespace.local.in(memberRoom(channel, user_id)).emit(event, ...notice);
  }

  /** The identity of a member of whom this process serves a device. */
  identityHere({ channel, user_id }: Membership): SocketIdentity | undefined {
    return this.#socketsHere(memberRoom(channel, user_id)).at(0)?.data.identity;
  }

  /** Users by channel that this process serves, each once. */
  listHere(): Membership[] {
    return [...this.#namespace.adapter.rooms.keys()].flatMap((room) => {
      if (!room.startsWith('["member",')) return [];
      const [, channel, user_id] = JSON.parse(room) as [string, string, string];
      return [{ channel, user_id }];
    });
  }

  /** Announces typing to the others in the channel. */
  announceTyping(socket: ChatSocket, typing: ChatNotices['typing']): void {
    socket.to(channelRoom(typing.channel)).emit('typing', typing);
  }

  /** Announces that a user is absent, unless another device of theirs is in the channel. */
  announceAbsence(channel: string, userId: string): void {
    this.#tellPresence(this.#devicesOf(memberRoom(channel, userId)), channel, userId, false);
  }

  /** Users in a channel, on all server processes, by user id; those of this process alone while no other answers. */
  async listPresent(channel: string): Promise<PresenceList> {
    const { sockets, complete } = await this.#socketsIn(channelRoom(channel));
    const devices = new Map<string, number>();
    for (const { data } of sockets) {
      const { user_id } = data.identity;
      devices.set(user_id, (devices.get(user_id) ?? 0) + 1);
    }
    const users = [...devices]
      .map(([user_id, count]) => ({ user_id, devices: count }))
      .sort((left, right) => (left.user_id < right.user_id ? -1 : 1));
    return { users, complete };
  }

  #tellPresence(others: Promise<number>, channel: string, userId: string, online: boolean): void {
    others.then((devices) => {
      if (devices === 0) this.announce(channel, 'presence:changed', { channel, user_id: userId, online });
    }, this.#onError);
  }

  async #devicesOf(room: string): Promise<number> {
    return (await this.#socketsIn(room)).sockets.length;
  }

  /** What is between the processes may be away; what this one knows is known all the same. */
  async #socketsIn(room: string) {
    try {
      const sockets = await this.#namespace.in(room).fetchSockets();
      this.#isAlone = false;
      return { sockets, complete: true };
    } catch (error) {
      // Once, and not for everybody who comes and goes meanwhile.
      if (!this.#isAlone) this.#onError(error);
      this.#isAlone = true;
      return { sockets: this.#socketsHere(room), complete: false };
    }
  }

  /** Without the adapter, which asks the other processes even where only this one is meant. */
  #socketsHere(room: string): ChatSocket[] {
    const { adapter, sockets } = this.#namespace;
    return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => sockets.get(id) ?? []);
  }
}

/** The channel of a room of this module; nothing for any other room. */
function channelOf(room: string): string[] {
  const [, channel] = /^\["(?:channel|newcomer|member)",/.test(room) ? (JSON.parse(room) as string[]) : [];
  return channel === undefined ? [] : [channel];
}

function roomsOf(channel: string, userId: string): string[] {
  return [channelRoom(channel), newcomerRoom(channel), memberRoom(channel, userId)];
}

/** Whether a socket has joined a channel. */
export function hasJoined(socket: ChatSocket, channel: string): boolean {
  return socket.rooms.has(channelRoom(channel));
}

/** The channels that a socket has joined. */
export function joinedChannels(socket: ChatSocket): string[] {
  return [...socket.rooms].flatMap((room) => {
    // A socket's own room is named by its id, which is no JSON.
    if (!room.startsWith('["channel",')) return [];
    return [(JSON.parse(room) as [string, string])[1]];
  });
}
