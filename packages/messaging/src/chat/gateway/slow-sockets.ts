import type { ChatSocket } from './chat-namespace.js';
import { channelRoom, joinedChannels, memberRoom, newcomerRoom } from './chat-rooms.js';

/**
 * Bounds the memory that slow clients take.
 *
 * A socket with more unsent packets than the limit leaves its channels, so that later announcements are not kept for it.
 * Once its packets are sent, it returns to them and is asked to sync from its last message.
 */
export class SlowSockets {
  readonly #packets: number;
  /** Rooms that each socket has left, by channel. */
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

  /** Channels that a socket has left for the time being. */
  heldChannels(socket: ChatSocket): string[] {
    return [...(this.#held.get(socket)?.keys() ?? [])];
  }

  /** Forgets a channel that a held socket would return to. */
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
      // A user who was removed from a channel in the meantime does not return to it.
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
