import type { Logger } from 'pino';
import type { Server as SocketServer } from 'socket.io';

/** What one connection may send: so much at once, and so much each second. */
export interface TrafficLimits {
  readonly packets: Budget;
  readonly bytes: Budget;
}

interface Budget {
  readonly burst: number;
  readonly perSecond: number;
}

const mebibyte = 1024 * 1024;
/** Several times what a client needs that sends all it has kept while it was offline. */
const trafficLimits: TrafficLimits = {
  packets: { burst: 500, perSecond: 100 },
  bytes: { burst: 8 * mebibyte, perSecond: mebibyte },
};

interface Packet {
  readonly data?: string | Buffer;
}

/** The part of an engine's connection that is needed. */
interface Connection {
  readonly remoteAddress: string;
  on(event: 'packet', listener: (packet: Packet) => void): unknown;
  close(discard?: boolean): unknown;
}

/** Closes connections that send more than their budgets, whichever namespace or event it is for; call it once attached. */
export function limitTraffic(
  io: SocketServer,
  log: Pick<Logger, 'warn'>,
  limits: TrafficLimits = trafficLimits,
): void {
  const follow = (connection: Connection): void => {
    const packets = new Allowance(limits.packets);
    const bytes = new Allowance(limits.bytes);
    let isClosed = false;
    connection.on('packet', ({ data }) => {
      const size = data === undefined ? 0 : Buffer.byteLength(data);
      if (isClosed || (packets.take(1) && bytes.take(size))) return;
      isClosed = true;
      log.warn({ ip_address: connection.remoteAddress }, 'a socket sent more than it may, and was closed');
      connection.close(true);
    });
  };
  io.engine.on('connection', follow);
}

/** Fills up again as time passes. */
class Allowance {
  readonly #budget: Budget;
  #left: number;
  #at = performance.now();

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#left = budget.burst;
  }

  /** Whether there was so much left. */
  take(amount: number): boolean {
    const { burst, perSecond } = this.#budget;
    const now = performance.now();
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1_000) * perSecond) - amount;
    this.#at = now;
    return this.#left >= 0;
  }
}
