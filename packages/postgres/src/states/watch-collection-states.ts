import { lifecycleStates, type CollectionStates, type LifecycleState } from '@infratraq/kernel';
import { collectionStateChannel, createCollectionStateRepository } from './collection-state-repository.js';
import type { Postgres } from '../connection/connect-postgres.js';
import { followNotifications } from '../connection/follow-notifications.js';

/** A copy of all collection states in memory, kept up to date by PostgreSQL's notifications. */
export interface WatchedCollectionStates extends CollectionStates {
  /** Reads all states again; a caller that has just made a transition need not wait for the notification. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

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
  let states = new Map<string, LifecycleState>();

  const refresh = async (): Promise<void> => {
    const rows = await repository.list();
    states = new Map(rows.map(({ collection_name, state }) => [collection_name, parseState(state)]));
  };
  const { close } = await followNotifications(
    postgres,
    { channel: collectionStateChannel, purpose: 'states' },
    { onNotification: () => void refresh().catch(onError), onListening: refresh, onError },
  );
  return {
    stateOf: (collection) => states.get(collection) ?? 'active',
    refresh,
    close,
  };
}

function parseState(state: string): LifecycleState {
  const known = lifecycleStates.find((name) => name === state);
  if (!known) throw new TypeError(`${state} is no lifecycle state`);
  return known;
}
