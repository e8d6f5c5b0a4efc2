import { ConflictError, currentActor } from '@infratraq/kernel';
import { sql, type Selectable } from 'kysely';
import type { Postgres } from '../connection/connect-postgres.js';
import type { CollectionStateTable, CollectionStateTransitionTable } from './state-tables.js';

export type CollectionState = Selectable<CollectionStateTable>;
export type CollectionStateTransition = Selectable<CollectionStateTransitionTable>;

/** The channel on which every transition is announced; its payload is the collection's name. */
export const collectionStateChannel = 'infratraq_collection_state';

/** A collection's move from one lifecycle state to another; whether it is allowed is the caller's to decide. */
export interface TransitionRequest {
  collectionName: string;
  /** The state that the caller saw; the transition fails when it is no longer so. */
  from: string;
  to: string;
  changedBy: string;
  reason?: string;
}

/** Lifecycle states of collections, with their history: who, when, why. */
export interface CollectionStateRepository {
  list(): Promise<CollectionState[]>;
  get(collectionName: string): Promise<CollectionState | undefined>;
  /** The newest transitions first. */
  history(collectionName: string, limit?: number): Promise<CollectionStateTransition[]>;
  /**
   * Records the transition and its history row in one transaction, and notifies every process.
   * A collection without a row yet is taken to be in the state `from`.
   * @throws ConflictError when the collection has left the state `from`
   */
  transition(request: TransitionRequest): Promise<CollectionState>;
}

/** Binds the repository of collection states to a connection. */
export function createCollectionStateRepository(postgres: Postgres): CollectionStateRepository {
  return {
    list: () =>
      postgres.db.selectFrom('infratraq.collection_state').selectAll().orderBy('collection_name').execute(),
    get: (collectionName) =>
      postgres.db
        .selectFrom('infratraq.collection_state')
        .selectAll()
        .where('collection_name', '=', collectionName)
        .executeTakeFirst(),
    history: (collectionName, limit = 100) =>
      postgres.db
        .selectFrom('infratraq.collection_state_transition')
        .selectAll()
        .where('collection_name', '=', collectionName)
        .orderBy('transition_id', 'desc')
        .limit(limit)
        .execute(),
    transition: (request) => transition(postgres, request),
  };
}

async function transition(postgres: Postgres, request: TransitionRequest): Promise<CollectionState> {
  const { collectionName: collection_name, from, to, changedBy, reason } = request;
  return postgres.transaction(
    async (transaction) => {
      const state = await transaction
        .insertInto('infratraq.collection_state')
        .values({ collection_name, state: to })
        .onConflict((conflict) =>
          conflict
            .column('collection_name')
            .doUpdateSet({ state: to, since: sql<Date>`now()` })
            .where('infratraq.collection_state.state', '=', from),
        )
        .returningAll()
        .executeTakeFirst();
      if (state === undefined) {
        throw new ConflictError(
          `${collection_name} is no longer in the state ${from}; read its state again and decide anew`,
          'collection.state-changed',
        );
      }
      await transaction
        .insertInto('infratraq.collection_state_transition')
        .values({
          collection_name,
          from_state: from,
          to_state: to,
          changed_by: changedBy,
          reason: reason ?? null,
          cause_id: currentActor()?.cause_id ?? null,
        })
        .execute();
      await sql`select pg_notify(${collectionStateChannel}, ${collection_name})`.execute(transaction);
      return state;
    },
    { reason },
  );
}
