import type { Environment } from '@infratraq/environment';
import type { Defer } from '@infratraq/kernel';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Server as SocketServer } from 'socket.io';

const bytesInMessage = 256 * 1024;

/** Makes the server of sockets; where REDIS_URL is set, other server processes hear what this one announces. */
export async function openSockets(
  { REDIS_URL }: Environment,
  log: Logger,
  defer: Defer,
): Promise<SocketServer> {
  const io = new SocketServer({ maxHttpBufferSize: bytesInMessage, serveClient: false });
  if (REDIS_URL === undefined) return io;
  const redis = await connectRedis(REDIS_URL, log);
  defer(() => redis.disconnect());
  io.adapter(createAdapter(redis, { maxLen: 10_000, onlyPlaintext: true, blockTimeInMs: 1_000 }));
  return io;
}

/** Goes on without Redis when it doesn't answer; it is tried again in the background. */
async function connectRedis(url: string, log: Logger): Promise<Redis> {
  // While Redis is away, announcements to other processes are dropped, not kept: clients fetch what they missed.
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const duplicate = redis.duplicate.bind(redis);
  // The adapter reads in a loop, which would spin if a read failed at once instead of waiting for Redis.
  redis.duplicate = (override) =>
    duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null, ...override });
  redis.on('error', (error) => log.warn({ err: error }, 'Redis'));
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve);
    redis.once('error', () => resolve());
  });
  return redis;
}
