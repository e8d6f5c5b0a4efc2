import { backOffMilliseconds } from '@infratraq/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Postgres } from './connect-postgres.js';
import { endClient, superviseClient } from './supervise-client.js';

/** What is done with one notification channel of PostgreSQL. */
export interface NotificationHandlers {
  onNotification(payload: string): void;
  /** Each time that listening begins: what was notified before went unheard. */
  onListening(): Promise<void>;
  /** The connection is lost, or could not be made again; it is tried until it succeeds. */
  onError(error: Error): void;
}

const pauses = { firstMilliseconds: 500, longestMilliseconds: 5_000 };
// A network may drop everything and close nothing: silence alone proves nothing.
const heartbeatMilliseconds = 15_000;
const answerMilliseconds = 10_000;

/** Listens to a notification channel on a connection of its own, and again whenever that is lost. */
export async function followNotifications(
  postgres: Pick<Postgres, 'connection'>,
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
    superviseClient(client, answerMilliseconds);
    client.on('notification', ({ payload = '' }) => onNotification(payload));
    client.on('error', (error) => {
      // Before it listens, the error is thrown where it is waited for.
      if (listener !== client) return;
      listener = undefined;
      onError(error);
      void endClient(client).then(listenAgain, listenAgain);
    });
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      await onListening();
      stopping.signal.throwIfAborted();
      listener = client;
      void beat(client);
    } catch (error) {
      await endClient(client);
      throw error;
    }
  };
  /** Asks for an answer again and again; a connection that gives none is closed, which is an error of the client. */
  const beat = async (client: pg.Client): Promise<void> => {
    try {
      while (listener === client) {
        await delay(heartbeatMilliseconds, undefined, { signal: stopping.signal, ref: false });
        if (listener === client) await client.query('select 1');
      }
    } catch {
      // The listener is told, or this is stopped.
    }
  };
  const listenAgain = async (): Promise<void> => {
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      try {
        await delay(backOffMilliseconds(failures, pauses), undefined, { signal: stopping.signal });
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
      if (last) await endClient(last);
    },
  };
}
