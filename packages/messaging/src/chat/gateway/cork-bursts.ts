import type { Duplex } from 'node:stream';
import type { ChatSocket } from './chat-namespace.js';

/**
 * Has packets that wait for a connection leave in one system call instead of one each: messages that were stored
 * together reach a client together, and the calls are most of what announcing costs.
 */
export function corkBursts(socket: ChatSocket): void {
  const { conn } = socket;
  // Both are emitted around each hand-over of packets to the transport, nothing in between.
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
