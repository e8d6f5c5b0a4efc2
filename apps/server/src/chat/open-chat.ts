import type { Environment } from '@infratraq/environment';
import { chatGateway, type ChatGateway } from '@infratraq/messaging/gateway';
import type { WatchedChannels } from '@infratraq/messaging/postgres';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Server as SocketServer } from 'socket.io';
import type { Tokens } from '../identity/tokens.js';
import type { Services } from '../services.js';

/** Chat that is served, beside other server processes where there is a Redis between them. */
export interface OpenChat extends ChatGateway {
  close(): Promise<void>;
}

/** Serves chat on `/chat`. */
export async function openChat({
  environment,
  io,
  services: { chat, membership },
  channels,
  tokens: { authenticate },
  log,
}: {
  environment: Pick<Environment, 'REDIS_URL'>;
  io: SocketServer;
  services: Pick<Services, 'chat' | 'membership'>;
  channels: Pick<WatchedChannels, 'onChange'>;
  tokens: Pick<Tokens, 'authenticate'>;
  log: Logger;
}): Promise<OpenChat> {
  const redis =
    environment.REDIS_URL === undefined ? undefined : await connectRedis(environment.REDIS_URL, log);
  if (redis) io.adapter(createAdapter(redis, { maxLen: 10_000, onlyPlaintext: true, blockTimeInMs: 1_000 }));
  const gateway = chatGateway(io.of('/chat'), {
    chat,
    membership,
    authenticate,
    onError: (error) => log.error({ err: error }, 'chat'),
  });
  const unwatch = channels.onChange((change) => {
    // A change of the channel's own row leaves its members as they are.
    if (change.channel_id !== undefined && change.user_id === undefined) return;
    const changed =
      change.user_id === undefined ? {} : { channel: change.channel_id, user_id: change.user_id };
    gateway
      .checkMembership(changed)
      .catch((error: unknown) => log.error({ err: error }, 'members of a channel could not be checked'));
  });
  return {
    ...gateway,
    close: async () => {
      unwatch();
      redis?.disconnect();
    },
  };
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
