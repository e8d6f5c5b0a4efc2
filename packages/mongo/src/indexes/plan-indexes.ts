import { deriveIndexes, policyOf, type DocumentClass, type IndexSpecification } from '@infratraq/kernel';
import type { Connection, mongo } from 'mongoose';
import {
  compareIndexes,
  findTwin,
  type IndexPlan,
  type LiveIndex,
  type UnsupportedIndex,
} from './index-plan.js';
import { createIndexProbe } from './probe-indexes.js';

/** How an index plan treats what is not declared. */
export interface PlanOptions {
  /** Also drops live indexes that no policy declares. */
  readonly prune?: boolean;
}

/** Works out what is to be done so that the database has the declared indexes; changes nothing. */
export async function planIndexes(
  connection: Connection,
  collections: Iterable<DocumentClass>,
  options: PlanOptions = {},
  supports = createIndexProbe(connection),
): Promise<IndexPlan> {
  const database = databaseOf(connection);
  const actions: IndexPlan['actions'][number][] = [];
  const unsupported: UnsupportedIndex[] = [];
  for (const policy of [...collections].map(policyOf)) {
    const { name } = policy;
    const live = await readIndexes(database, name);
    const possible: IndexSpecification[] = [];
    for (const index of deriveIndexes({ policy })) {
      const reason = findTwin(index, live) ? undefined : await supports(index);
      if (reason === undefined) possible.push(index);
      else unsupported.push({ collection: name, index, reason });
    }
    actions.push(...compareIndexes(name, possible, live, options));
  }
  return { actions, unsupported };
}

/** What separates the database from the declarations, undeclared indexes included; empty when they agree. */
export async function detectDrift(
  connection: Connection,
  collections: Iterable<DocumentClass>,
): Promise<IndexPlan> {
  return planIndexes(connection, collections, { prune: true });
}

/** Reads the live indexes of a collection; none when it does not exist yet. */
export async function readIndexes(database: mongo.Db, collection: string): Promise<LiveIndex[]> {
  try {
    return (await database.collection(collection).indexes()) as unknown as LiveIndex[];
  } catch (error) {
    if (isServerError(error, 'NamespaceNotFound', 26)) return [];
    throw error;
  }
}

/** Tells whether the server answered with this error, by name or number, because engines give one or the other. */
export function isServerError(error: unknown, name: string, code: number): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return ('codeName' in error && error.codeName === name) || ('code' in error && error.code === code);
}

/** The driver's database behind a connection. */
export function databaseOf(connection: Connection): mongo.Db {
  return connection.getClient().db(connection.name);
}
