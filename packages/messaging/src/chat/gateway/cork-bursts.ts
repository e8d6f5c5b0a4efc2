import type { Duplex } from 'node:stream';
import type { ChatSocket } from './chat-namespace.js';

/**
 * Sends the packets that wait for a connection in one system call instead of one call each. System calls are most of the
 * cost of an announcement.
 */
export function corkBursts(socket: ChatSocket): void {
  const { conn } = socket;
  // Engine.IO emits these two around each hand-over of packets to the transport.
  const cork = () => streamOf(conn)?.cork();
  const uncork = () => streamOf(conn)?.uncork();
  conn.on('flush', cork);
  conn.on('drain', uncork);
  socket.once('disconnect', () => {
    conn.off('flush', cork);
    conn.off('drain', uncork);
  });
}

/** The stream beneath a WebSocket; polling has none, and needs none. */
function streamOf({ transport }: ChatSocket['conn']): Duplex | undefined {
  return (transport as unknown as { socket?: { _socket?: Duplex } }).socket?._socket;
}
