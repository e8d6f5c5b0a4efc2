import type { Environment } from '@infratraq/environment';
import { repeat, type Defer } from '@infratraq/kernel';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import type { Logger } from 'pino';
import { Server as SocketServer, type Namespace } from 'socket.io';
import { trustedProxiesOf } from '../trusted-proxies.js';
import { readAddresses } from './read-addresses.js';
import { refuseRoot } from './refuse-root.js';
import { connectRedis } from './connect-redis.js';
import { LostAnnouncements } from './lost-announcements.js';

const bytesInMessage = 256 * 1024;
const retryMilliseconds = 500;
/** A connection that has joined no namespace by then is closed. */
const connectMilliseconds = 10_000;

/** Announcements that did not reach every client that they were for. */
export interface MissedAnnouncements {
  /**
   * Rooms, on all processes, to which this process could not announce. Absent: the clients of this process may have
   * missed anything.
   */
  readonly rooms?: readonly string[];
}

/** The server of sockets, and its link to those of other processes. */
export interface Sockets {
  readonly io: SocketServer;
  /**
   * Calls a listener when announcements in a namespace were missed and can be made again: Redis was away, or the stream
   * was trimmed before it was read.
   */
  onMissed(namespace: string, listener: (missed: MissedAnnouncements) => Promise<void>): void;
}

/** Makes the server of sockets; where REDIS_URL is set, other server processes hear what this one announces. */
export async function openSockets(
  environment: Pick<Environment, 'REDIS_URL' | 'TRUST_PROXY'>,
  log: Pick<Logger, 'warn'>,
  defer: Defer,
): Promise<Sockets> {
  const io = new SocketServer({
    maxHttpBufferSize: bytesInMessage,
    serveClient: false,
    connectTimeout: connectMilliseconds,
  });
  refuseRoot(io);
  const trust = trustedProxiesOf(environment);
  if (trust) readAddresses(io, trust);
  const listeners = new Map<string, (missed: MissedAnnouncements) => Promise<void>>();
  const sockets: Sockets = { io, onMissed: (namespace, listener) => void listeners.set(namespace, listener) };
  const { REDIS_URL } = environment;
  if (REDIS_URL === undefined) return sockets;

  const tell = async (namespace: string, missed: MissedAnnouncements) => {
    try {
      await listeners.get(namespace)?.(missed);
    } catch (error) {
      log.warn({ err: error, namespace }, 'clients were not told what they missed');
    }
  };
  const tellAll = () => {
    log.warn({}, 'announcements of other servers were missed; clients are told to catch up');
    for (const namespace of listeners.keys()) void tell(namespace, {});
  };
  const lost = new LostAnnouncements();
  const redis = await connectRedis(REDIS_URL, { log, onHole: tellAll });
  defer(() => redis.close());
  const retelling = repeat(
    async () => {
      if (!lost.isEmpty && redis.isReady()) await lost.take((namespace, rooms) => tell(namespace, { rooms }));
    },
    { everyMilliseconds: retryMilliseconds, onError: (error) => log.warn({ err: error }, 'Redis') },
  );
  defer(() => retelling.stop());

  const adapt = createAdapter(redis.client, { maxLen: 10_000, onlyPlaintext: true, blockTimeInMs: 1_000 });
  // Socket.IO calls it with `new`, which no arrow function takes.
  io.adapter(function adaptAndWatch(namespace: Namespace) {
    const adapter = adapt(namespace);
    lost.watch(adapter);
    return adapter;
  } as unknown as Parameters<typeof io.adapter>[0]);
  return sockets;
}
