import type { Duplex } from 'node:stream';
import pg from 'pg';
import { waitUnlessAborted } from './back-off.js';
import { pinSession } from './pin-session.js';

/** The session of a leader, and the signal to stop. */
export interface Leadership {
  client: pg.ClientBase;
  /** Aborted when the caller stops, and when the session that holds the lock is lost. */
  signal: AbortSignal;
}

export interface LeadOptions {
  connection: pg.ClientConfig;
  slot: string;
  signal: AbortSignal;
  /**
   * Longest wait for the answer to a statement.
   * @default 30_000
   */
  maxSilenceMilliseconds?: number;
  /** How often a follower asks for the lock, in milliseconds. */
  pollMilliseconds: number;
  onWaiting: () => void;
  lead: (leadership: Leadership) => Promise<void>;
}

/**
 * Waits until no other process captures from the slot, then leads.
 *
 * The lock belongs to a session, so it is free as soon as its holder dies. A follower asks for it again and again:
 * a statement that waited for it would keep PostgreSQL from vacuuming all the while.
 */
export async function leadCapture(options: LeadOptions): Promise<void> {
  const { maxSilenceMilliseconds = 30_000 } = options;
  const client = new pg.Client({
    ...options.connection,
    application_name: `infratraq capture leader ${options.slot}`,
    keepAlive: true,
    connectionTimeoutMillis: maxSilenceMilliseconds,
    query_timeout: maxSilenceMilliseconds,
  });
  const lost = new AbortController();
  let failure: unknown;
  client.on('error', (error) => {
    failure ??= error;
    lost.abort(error);
  });
  const signal = AbortSignal.any([options.signal, lost.signal]);
  try {
    await client.connect();
    await pinSession(client);
    if (await waitForLock(client, { ...options, signal })) await options.lead({ client, signal });
    if (failure !== undefined) throw failure;
  } finally {
    await endSession(client, maxSilenceMilliseconds);
  }
}

/** Says goodbye, and hangs up when that is not answered: the lock must not outlive what it protects. */
async function endSession(client: pg.Client, maxSilenceMilliseconds: number): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  const hangUp = setTimeout(() => stream.destroy(), Math.min(maxSilenceMilliseconds, 1_000));
  await client.end();
  clearTimeout(hangUp);
}

async function waitForLock(client: pg.Client, options: LeadOptions): Promise<boolean> {
  for (let attempt = 0; !options.signal.aborted; attempt += 1) {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('infratraq capture ' || $1, 0)) as locked`,
      [options.slot],
    );
    if (rows[0]?.locked === true) return true;
    if (attempt === 0) options.onWaiting();
    await waitUnlessAborted(options.pollMilliseconds, options.signal);
  }
  return false;
}
