import type { Namespace, Socket } from 'socket.io';
import type { ServerEvents } from './chat-events.js';

/** Everybody who has joined a channel. */
export function channelRoom(channel: string): string {
  return JSON.stringify(['channel', channel]);
}

/** All devices of one user that have joined a channel. */
function memberRoom(channel: string, userId: string): string {
  return JSON.stringify(['member', channel, userId]);
}

/** Who is where: which sockets have joined which channels, and what they are told about each other. */
export class ChatRooms {
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** Tells everybody in a channel, on every server process. */
  announce<Name extends keyof ServerEvents>(channel: string, event: Name, payload: ServerEvents[Name]): void {
    this.#namespace.to(channelRoom(channel)).emit(event, payload);
  }

  /** Adds a socket to a channel; the user's first device makes them present. */
  async enter(socket: Socket, channel: string, userId: string): Promise<void> {
    if (hasJoined(socket, channel)) return;
    const first = !(await this.#isPresent(channel, userId));
    await socket.join([channelRoom(channel), memberRoom(channel, userId)]);
    if (first)
      socket.to(channelRoom(channel)).emit('presence:changed', {
        channel,
        user_id: userId,
        online: true,
      } satisfies ServerEvents['presence:changed']);
  }

  /** Takes a socket out of a channel; with the user's last device they are gone. */
  async leave(socket: Socket, channel: string, userId: string): Promise<void> {
    if (!hasJoined(socket, channel)) return;
    await socket.leave(channelRoom(channel));
    await socket.leave(memberRoom(channel, userId));
    await this.announceAbsence(channel, userId);
  }

  /** Tells everybody in a channel but the one who types. */
  announceTyping(socket: Socket, typing: ServerEvents['typing']): void {
    socket.to(channelRoom(typing.channel)).emit('typing', typing);
  }

  /** Tells a channel that a user is gone, unless another of their devices is still there. */
  async announceAbsence(channel: string, userId: string): Promise<void> {
    if (!(await this.#isPresent(channel, userId)))
      this.announce(channel, 'presence:changed', { channel, user_id: userId, online: false });
  }

  async #isPresent(channel: string, userId: string): Promise<boolean> {
    return (await this.#namespace.in(memberRoom(channel, userId)).fetchSockets()).length > 0;
  }
}

/** Tells whether a socket has joined a channel. */
export function hasJoined(socket: Socket, channel: string): boolean {
  return socket.rooms.has(channelRoom(channel));
}

/** The channels that a socket has joined. */
export function joinedChannels(socket: Socket): string[] {
  return [...socket.rooms].flatMap((room) => {
    // A socket's own room is named by its id, which is no JSON.
    if (!room.startsWith('["channel",')) return [];
    return [(JSON.parse(room) as [string, string])[1]];
  });
}
