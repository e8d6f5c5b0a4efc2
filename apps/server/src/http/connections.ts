import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Server as SocketServer } from 'socket.io';

/** How long a server that is about to stop goes on serving: as long as connections are open, within these. */
const drainMilliseconds = { atLeast: 500, atMost: 1_500 };
/** How long requests and sockets may take to end once the server closes. */
const graceMilliseconds = 1_000;

/**
 * Follows the connections of an application, so that none keeps it from closing: a WebSocket whose client is silent, a
 * request whose body never ends, a download that nobody reads, a client that has gone without a word.
 */
export class Connections {
  readonly #open = new Set<Socket>();
  readonly #app: FastifyInstance;
  readonly #io: SocketServer;

  constructor(app: FastifyInstance, io: SocketServer) {
    this.#app = app;
    this.#io = io;
    app.server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /**
   * Goes on serving for a moment. Each connection is closed behind its next answer meanwhile, so that hardly any is
   * closed while a request is on its way.
   */
  async drain(): Promise<void> {
    const end = performance.now() + drainMilliseconds.atMost;
    await delay(drainMilliseconds.atLeast);
    while (this.#open.size > 0 && performance.now() < end) await delay(20);
  }

  /**
   * Takes no more connections, ends sockets in a way that their clients connect again after, lets requests end, and
   * cuts off what has not ended after a moment.
   */
  async close(): Promise<void> {
    const cutOff = setTimeout(() => {
      for (const socket of this.#open) socket.destroy();
    }, graceMilliseconds);
    try {
      await this.#closeSockets();
      await this.#app.close();
    } finally {
      clearTimeout(cutOff);
    }
  }

  /** With Redis away, the adapter may have nobody to say goodbye to. */
  async #closeSockets(): Promise<void> {
    const closing = this.#io.close();
    const late = new Promise<void>((resolve) => setTimeout(resolve, 2 * graceMilliseconds).unref());
    await Promise.race([closing, late]);
  }
}
