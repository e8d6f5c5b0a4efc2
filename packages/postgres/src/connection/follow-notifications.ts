import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Postgres } from './connect-postgres.js';

/** What is done with one notification channel of PostgreSQL. */
export interface NotificationHandlers {
  onNotification(payload: string): void;
  /** Each time that listening begins: what was notified before went unheard. */
  onListening(): Promise<void>;
  /** The connection is lost, or could not be made again; it is tried until it succeeds. */
  onError(error: Error): void;
}

const reconnectMilliseconds = 1_000;

/** Listens to a notification channel on a connection of its own, and again whenever that is lost. */
export async function followNotifications(
  postgres: Postgres,
  { channel, purpose }: { channel: string; /** Shown in `pg_stat_activity`. */ purpose: string },
  { onNotification, onListening, onError }: NotificationHandlers,
): Promise<{ close(): Promise<void> }> {
  const stopping = new AbortController();
  let listener: pg.Client | undefined;

  const listen = async (): Promise<void> => {
    const client = new pg.Client({
      ...postgres.connection,
      application_name: `infratraq ${purpose}`,
      keepAlive: true,
    });
    client.on('notification', ({ payload = '' }) => onNotification(payload));
    client.on('error', (error) => {
      // Before it listens, the error is thrown where it is waited for.
      if (listener !== client) return;
      listener = undefined;
      onError(error);
      void client.end().then(listenAgain, listenAgain);
    });
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      await onListening();
      listener = client;
    } catch (error) {
      await client.end();
      throw error;
    }
  };
  const listenAgain = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await delay(reconnectMilliseconds, undefined, { signal: stopping.signal });
        return await listen();
      } catch (error) {
        if (!stopping.signal.aborted) onError(error as Error);
      }
    }
  };
  await listen();
  return {
    close: async () => {
      stopping.abort();
      const last = listener;
      listener = undefined;
      await last?.end();
    },
  };
}
