import { lifecycleStates, type CollectionStates, type LifecycleState } from '@infratraq/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { collectionStateChannel, createCollectionStateRepository } from './collection-state-repository.js';
import type { Postgres } from './connect-postgres.js';

/** A copy of all collection states in memory, kept up to date by PostgreSQL's notifications. */
export interface WatchedCollectionStates extends CollectionStates {
  /** Reads all states again; a caller that has just made a transition need not wait for the notification. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const reconnectMilliseconds = 1_000;

/**
 * Watches the states of collections; one without a row is `active`.
 *
 * While PostgreSQL is away the last known states stay in force; `onError` is told, and the watch begins again.
 */
export async function watchCollectionStates(
  postgres: Postgres,
  onError: (error: Error) => void,
): Promise<WatchedCollectionStates> {
  const repository = createCollectionStateRepository(postgres);
  const stopping = new AbortController();
  let states = new Map<string, LifecycleState>();
  let listener: pg.Client | undefined;

  const refresh = async (): Promise<void> => {
    const rows = await repository.list();
    states = new Map(rows.map(({ collection_name, state }) => [collection_name, parseState(state)]));
  };
  const listen = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: postgres.url, application_name: 'infratraq states' });
    client.on('notification', () => void refresh().catch(onError));
    client.on('error', (error) => {
      onError(error);
      void client.end().then(listenAgain, listenAgain);
    });
    await client.connect();
    await client.query(`listen ${collectionStateChannel}`);
    listener = client;
    // What changed before we listened would otherwise stay unseen.
    await refresh();
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
    stateOf: (collection) => states.get(collection) ?? 'active',
    refresh,
    close: async () => {
      stopping.abort();
      listener?.removeAllListeners('error').on('error', onError);
      await listener?.end();
    },
  };
}

function parseState(state: string): LifecycleState {
  const known = lifecycleStates.find((name) => name === state);
  if (!known) throw new TypeError(`${state} is no lifecycle state`);
  return known;
}
