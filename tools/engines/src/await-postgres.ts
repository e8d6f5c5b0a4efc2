import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import type { EngineProcess } from './engine-process.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';

const START_WITHIN_MILLISECONDS = 30_000;

/**
 * Waits until PostgreSQL answers queries, and says which version it is.
 *
 * @throws EngineUnavailableError `engine.start-failed` when it exits, or isn't ready after 30 seconds.
 */
export async function awaitPostgres(url: string, child: EngineProcess): Promise<string> {
  const giveUpAt = Date.now() + START_WITHIN_MILLISECONDS;
  let lastError: unknown;
  while (Date.now() < giveUpAt && !child.hasExited()) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on('error', (error) => (lastError = error));
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      await client.end();
      return rows[0]?.server_version ?? '';
    } catch (error) {
      lastError = error;
    }
    await wait(50);
  }
  throw new EngineUnavailableError(
    'engine.start-failed',
    `PostgreSQL did not start; its last output was:\n${child.output()}`,
    lastError,
  );
}
