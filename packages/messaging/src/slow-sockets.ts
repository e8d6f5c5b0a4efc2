import type { Socket } from 'socket.io';
import type { ServerEvents } from './chat-events.js';
import { channelRoom, joinedChannels, memberRoom } from './chat-rooms.js';

/**
 * Keeps clients that read too slowly from filling the memory of the process.
 *
 * A socket with more unsent packets than the limit is taken out of its channels: what is announced from then on is
 * not kept for it. Once what it had is sent, it is put back and asked to sync from the last message that it got.
 */
export class SlowSockets {
  readonly #packets: number;
  readonly #held = new Map<Socket, Set<string>>();

  constructor({ packets }: { packets: number }) {
    this.#packets = packets;
  }

  /** Watches a user's socket until it disconnects. */
  watch(socket: Socket, userId: string): void {
    const check = () => {
      if (!this.#held.has(socket) && this.#isBehind(socket)) this.#hold(socket, userId);
    };
    const { conn } = socket;
    conn.on('packetCreate', check);
    socket.once('disconnect', () => {
      conn.off('packetCreate', check);
      this.#held.delete(socket);
    });
  }

  /** The channels that a socket was taken out of for the time being. */
  heldChannels(socket: Socket): ReadonlySet<string> {
    return this.#held.get(socket) ?? new Set();
  }

  /** Forgets that a held socket wanted a channel. */
  release(socket: Socket, channel: string): void {
    this.#held.get(socket)?.delete(channel);
  }

  #isBehind({ conn }: Socket): boolean {
    return (conn as unknown as { writeBuffer: readonly unknown[] }).writeBuffer.length > this.#packets;
  }

  #hold(socket: Socket, userId: string): void {
    const channels = new Set(joinedChannels(socket));
    if (channels.size === 0) return;
    this.#held.set(socket, channels);
    for (const channel of channels) void socket.leave(channelRoom(channel));
    const { conn } = socket;
    const resume = () => {
      if (this.#isBehind(socket)) return;
      conn.off('drain', resume);
      // Whoever was put out of a channel meanwhile is not let in again.
      const wanted = [...(this.#held.get(socket) ?? [])].filter((channel) =>
        socket.rooms.has(memberRoom(channel, userId)),
      );
      this.#held.delete(socket);
      if (!socket.connected || wanted.length === 0) return;
      void socket.join(wanted.map(channelRoom));
      socket.emit('chat:resync', { channels: wanted } satisfies ServerEvents['chat:resync']);
    };
    conn.on('drain', resume);
  }
}
