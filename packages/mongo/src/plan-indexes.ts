import { deriveIndexes, policyOf, type DocumentClass } from '@infratraq/kernel';
import type { Connection, mongo } from 'mongoose';
import { compareIndexes, type IndexPlan, type LiveIndex, type UnsupportedIndex } from './index-plan.js';
import { probeText } from './probe-capabilities.js';

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
): Promise<IndexPlan> {
  const database = databaseOf(connection);
  const policies = [...collections].map(policyOf);
  const declared = policies.map((policy) => ({ name: policy.name, indexes: deriveIndexes({ policy }) }));
  const needsText = declared.some(({ indexes }) => indexes.some(({ key }) => isText(key)));
  const hasText = !needsText || (await probeText(connection));
  const actions: IndexPlan['actions'][number][] = [];
  const unsupported: UnsupportedIndex[] = [];
  for (const { name, indexes } of declared) {
    const possible = indexes.filter(({ key }) => hasText || !isText(key));
    for (const index of indexes)
      if (!possible.includes(index))
        unsupported.push({ collection: name, index, reason: 'this engine has no text indexes' });
    actions.push(...compareIndexes(name, possible, await readIndexes(database, name), options));
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
async function readIndexes(database: mongo.Db, collection: string): Promise<LiveIndex[]> {
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

function isText(key: Readonly<Record<string, unknown>>): boolean {
  return Object.values(key).includes('text');
}
