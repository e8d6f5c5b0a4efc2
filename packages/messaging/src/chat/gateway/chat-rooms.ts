import type { ChatNoticeName, ChatNotices } from '@infratraq/chat-wire';
import type { ChatNamespace, ChatSocket, Notice } from './chat-namespace.js';

/** Everybody who has joined a channel. */
export function channelRoom(channel: string): string {
  return JSON.stringify(['channel', channel]);
}

/** Those of a channel who may not see all of it: they joined later than its first message. */
export function newcomerRoom(channel: string): string {
  return JSON.stringify(['newcomer', channel]);
}

/** All devices of one user that have joined a channel. */
export function memberRoom(channel: string, userId: string): string {
  return JSON.stringify(['member', channel, userId]);
}

/** One user in one channel. */
export interface Membership {
  readonly channel: string;
  readonly user_id: string;
}

/** A user who is in a channel, and on how many devices. */
export interface PresentUser {
  readonly user_id: string;
  readonly devices: number;
}

/** Who is where: which sockets have joined which channels, and what they are told about each other. */
export class ChatRooms {
  readonly #namespace: ChatNamespace;
  readonly #onError: (error: unknown) => void;

  constructor(namespace: ChatNamespace, onError: (error: unknown) => void) {
    this.#namespace = namespace;
    this.#onError = onError;
  }

  /** Tells everybody in a channel, on every server process. */
  announce<Name extends ChatNoticeName>(channel: string, event: Name, ...notice: Notice<Name>): void {
    this.#namespace.to(channelRoom(channel)).emit(event, ...notice);
  }

  /**
   * As {@link announce}, for a message that may be older than what newcomers may see: they are asked to sync instead,
   * which brings them what they may see of it.
   */
  announceChange<Name extends ChatNoticeName>(channel: string, event: Name, ...notice: Notice<Name>): void {
    this.#namespace
      .to(channelRoom(channel))
      .except(newcomerRoom(channel))
      .emit(event, ...notice);
    this.#namespace.to(newcomerRoom(channel)).emit('chat:resync', { channels: [channel] });
  }

  /** Adds a socket to a channel; the user's first device makes them present. */
  async enter(socket: ChatSocket, channel: string, userId: string, isNewcomer: boolean): Promise<void> {
    if (hasJoined(socket, channel)) return;
    const others = this.#devicesOf(memberRoom(channel, userId));
    const rooms = [channelRoom(channel), memberRoom(channel, userId)];
    await socket.join(isNewcomer ? [...rooms, newcomerRoom(channel)] : rooms);
    // Not waited for: another server process that has just died would keep the client from its messages.
    this.#tellPresence(others, channel, userId, true);
  }

  /** Takes a socket out of a channel; with the user's last device they are gone. */
  async leave(socket: ChatSocket, channel: string, userId: string): Promise<void> {
    if (!hasJoined(socket, channel)) return;
    for (const room of roomsOf(channel, userId)) await socket.leave(room);
    this.announceAbsence(channel, userId);
  }

  /** Puts all devices of a user out of a channel, on every server process. */
  expel(channel: string, userId: string): void {
    const devices = this.#namespace.in(memberRoom(channel, userId));
    devices.emit('channel:removed', { channel });
    devices.socketsLeave(roomsOf(channel, userId));
    this.announce(channel, 'presence:changed', { channel, user_id: userId, online: false });
  }

  /** Puts the devices of a user that this process serves out of a channel. */
  expelHere(channel: string, userId: string): void {
    const room = memberRoom(channel, userId);
    if (!this.#namespace.adapter.rooms.has(room)) return;
    const devices = this.#namespace.local.in(room);
    devices.emit('channel:removed', { channel });
    devices.socketsLeave(roomsOf(channel, userId));
    this.announceAbsence(channel, userId);
  }

  /** Says whether a user, on the devices that this process serves, may see all of a channel from now on. */
  markNewcomerHere({ channel, user_id }: Membership, isNewcomer: boolean): void {
    const devices = this.#namespace.local.in(memberRoom(channel, user_id));
    if (isNewcomer) devices.socketsJoin(newcomerRoom(channel));
    else devices.socketsLeave(newcomerRoom(channel));
  }

  /** Tells the devices of a user that this process serves and that are in a channel. */
  tellMemberHere<Name extends ChatNoticeName>(
    { channel, user_id }: Membership,
    event: Name,
    ...notice: Notice<Name>
  ): void {
    this.#namespace.local.in(memberRoom(channel, user_id)).emit(event, ...notice);
  }

  /** Who is in which channel through this process, each once. */
  listHere(): Membership[] {
    return [...this.#namespace.adapter.rooms.keys()].flatMap((room) => {
      if (!room.startsWith('["member",')) return [];
      const [, channel, user_id] = JSON.parse(room) as [string, string, string];
      return [{ channel, user_id }];
    });
  }

  /** Tells everybody in a channel but the one who types. */
  announceTyping(socket: ChatSocket, typing: ChatNotices['typing']): void {
    socket.to(channelRoom(typing.channel)).emit('typing', typing);
  }

  /** Tells a channel that a user is gone, unless another of their devices is still there. */
  announceAbsence(channel: string, userId: string): void {
    this.#tellPresence(this.#devicesOf(memberRoom(channel, userId)), channel, userId, false);
  }

  /** Everybody who is in a channel now, on any server process, by user id. */
  async listPresent(channel: string): Promise<PresentUser[]> {
    const devices = new Map<string, number>();
    for (const { data } of await this.#namespace.in(channelRoom(channel)).fetchSockets()) {
      const { user_id } = data.identity;
      devices.set(user_id, (devices.get(user_id) ?? 0) + 1);
    }
    return [...devices]
      .map(([user_id, count]) => ({ user_id, devices: count }))
      .sort((left, right) => (left.user_id < right.user_id ? -1 : 1));
  }

  #tellPresence(others: Promise<number>, channel: string, userId: string, online: boolean): void {
    others.then((devices) => {
      if (devices === 0) this.announce(channel, 'presence:changed', { channel, user_id: userId, online });
    }, this.#onError);
  }

  async #devicesOf(room: string): Promise<number> {
    return (await this.#namespace.in(room).fetchSockets()).length;
  }
}

function roomsOf(channel: string, userId: string): string[] {
  return [channelRoom(channel), newcomerRoom(channel), memberRoom(channel, userId)];
}

/** Tells whether a socket has joined a channel. */
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
