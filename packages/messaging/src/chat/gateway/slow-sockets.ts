import type { ChatSocket } from './chat-namespace.js';
import { channelRoom, joinedChannels, memberRoom, newcomerRoom } from './chat-rooms.js';

/**
 * Keeps clients that read too slowly from filling the memory of the process.
 *
 * A socket with more unsent packets than the limit is taken out of its channels: what is announced from then on is
 * not kept for it. Once what it had is sent, it is put back and asked to sync from the last message that it got.
 */
export class SlowSockets {
  readonly #packets: number;
  /** The rooms that each was taken out of, by channel. */
  readonly #held = new Map<ChatSocket, Map<string, string[]>>();

  constructor({ packets }: { packets: number }) {
    this.#packets = packets;
  }

  /** Watches a user's socket until it disconnects. */
  watch(socket: ChatSocket, userId: string): void {
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
  heldChannels(socket: ChatSocket): string[] {
    return [...(this.#held.get(socket)?.keys() ?? [])];
  }

  /** Forgets that a held socket wanted a channel. */
  release(socket: ChatSocket, channel: string): void {
    this.#held.get(socket)?.delete(channel);
  }

  #isBehind({ conn }: ChatSocket): boolean {
    return (conn as unknown as { writeBuffer: readonly unknown[] }).writeBuffer.length > this.#packets;
  }

  #hold(socket: ChatSocket, userId: string): void {
    const joined = joinedChannels(socket);
    if (joined.length === 0) return;
    const held = new Map<string, string[]>();
    this.#held.set(socket, held);
    for (const channel of joined) {
      const rooms = [channelRoom(channel), newcomerRoom(channel)].filter((room) => socket.rooms.has(room));
      held.set(channel, rooms);
      for (const room of rooms) void socket.leave(room);
    }
    const { conn } = socket;
    const resume = () => {
      if (this.#isBehind(socket)) return;
      conn.off('drain', resume);
      // Whoever was put out of a channel meanwhile is not let in again.
      const wanted = [...held].filter(([channel]) => socket.rooms.has(memberRoom(channel, userId)));
      this.#held.delete(socket);
      if (!socket.connected || wanted.length === 0) return;
      void socket.join(wanted.flatMap(([, rooms]) => rooms));
      const channels = wanted.map(([channel]) => channel);
      socket.emit('chat:resync', { channels });
    };
    conn.on('drain', resume);
  }
}
