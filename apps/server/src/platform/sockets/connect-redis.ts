import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { readWithoutHoles } from './read-without-holes.js';

/** Who hears of the connection's faults. */
export interface RedisListeners {
  readonly log: Pick<Logger, 'warn'>;
  /** Entries of the stream may not have been read. */
  readonly onHole: () => void;
}

/** A connection for Socket.IO's adapter. */
export interface AdapterRedis {
  readonly client: Redis;
  isReady(): boolean;
  /** Disconnects, with the connections that the adapter has made of it. */
  close(): void;
}

// A local client waits for an announcement until Redis has it.
const answerMilliseconds = 1_000;
// The reader waits a second for entries.
const silenceMilliseconds = 5_000;

/** Goes on without Redis when it doesn't answer; it is tried again in the background. */
export async function connectRedis(url: string, { log, onHole }: RedisListeners): Promise<AdapterRedis> {
  // While Redis is away, announcements to other processes are dropped, not kept: clients fetch what they missed.
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: answerMilliseconds,
    socketTimeout: silenceMilliseconds,
  });
  const all = [client];
  const duplicate = client.duplicate.bind(client);
  // The adapter reads in a loop, which would spin if a read failed at once instead of waiting for Redis.
  client.duplicate = (override) => {
    const reader = duplicate({
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      commandTimeout: undefined,
      autoResendUnfulfilledCommands: false,
      ...override,
    });
    readWithoutHoles(reader, onHole);
    all.push(reader);
    return reader;
  };
  tellSpells(client, log);
  // The adapter does not wait for what it publishes in passing, and a rejection that nobody hears ends the process.
  const publish = client.publish.bind(client);
  client.publish = ((channel: string, message: string) =>
    publish(channel, message).catch(() => 0)) as Redis['publish'];
  await new Promise<void>((resolve) => {
    client.once('ready', resolve);
    client.once('error', () => resolve());
  });
  return {
    client,
    isReady: () => client.status === 'ready',
    close: () => {
      for (const one of all) one.disconnect();
    },
  };
}

/** One line when Redis goes, and one when it is back. */
function tellSpells(client: Redis, log: Pick<Logger, 'warn'>): void {
  let since: number | undefined;
  client.on('error', (error) => {
    if (since === undefined)
      log.warn({ err: error }, 'Redis is away; other servers hear nothing of this one');
    since ??= Date.now();
  });
  client.on('ready', () => {
    if (since !== undefined) log.warn({ seconds: (Date.now() - since) / 1_000 }, 'Redis is back');
    since = undefined;
  });
}
