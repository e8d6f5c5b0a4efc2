import pg from 'pg';
import type { Postgres } from './connect-postgres.js';
import { endClient } from './supervise-client.js';

/**
 * Runs work over a connection of its own, outside the pool and without limits of time: for advisory locks, and for what
 * takes long. `signal` is aborted when the connection is lost, and with it every lock.
 *
 * @example
 * await withSession(postgres, 'counting', async (client, signal) => {
 *   await client.query('select pg_advisory_lock(7)');
 *   await count({ signal });
 * });
 */
export async function withSession<Result>(
  { connection }: Pick<Postgres, 'connection'>,
  /** Shown in `pg_stat_activity`. */
  purpose: string,
  work: (client: pg.Client, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ ...connection, application_name: `infratraq ${purpose}`, keepAlive: true });
  const lost = new AbortController();
  client.on('error', (error) => lost.abort(error));
  try {
    await client.connect();
    return await work(client, lost.signal);
  } finally {
    await endClient(client);
  }
}
