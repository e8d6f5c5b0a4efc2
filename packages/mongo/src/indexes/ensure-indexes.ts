import { policyOf, deriveIndexes, type DocumentClass } from '@infratraq/kernel';
import { mongo, type Connection } from 'mongoose';
import { awaitLease } from '../lease.js';
import { carryOutPlan, tellOthers } from './apply-indexes.js';
import { buildIndex, type BuildProgress } from './build-index.js';
import { createCollections } from './create-collections.js';
import { findTwin, type IndexAction, type IndexPlan } from './index-plan.js';
import { databaseOf, planIndexes, readIndexes } from './plan-indexes.js';
import { createIndexProbe } from './probe-indexes.js';
import { buildLease } from './read-build.js';

/** What a start has done, and what it leaves to be done while it serves. */
export interface EnsuredIndexes {
  readonly built: readonly IndexAction[];
  /** Missing indexes of large collections; queries that they serve are slow until they are built. */
  readonly pending: readonly IndexAction[];
  readonly unsupported: IndexPlan['unsupported'];
}

export interface EnsureOptions {
  /** Told how far the build of a large unique index is, which the start waits for. */
  readonly onProgress?: (progress: BuildProgress) => void;
  /**
   * A collection with more documents is large.
   * @default 50_000
   */
  readonly smallDocuments?: number;
}

const maxTimeExpired = 50;
const countMilliseconds = 200;

/**
 * Prepares a start: creates missing collections, and missing indexes of small ones. Unique indexes are all there when it
 * is done, whatever the size, because what is written later counts on them. It changes and drops nothing that is there.
 *
 * @throws InfratraqError `indexes.failed` naming the action that the server refuses
 */
export async function ensureIndexes(
  connection: Connection,
  collections: Iterable<DocumentClass>,
  { onProgress, smallDocuments = 50_000 }: EnsureOptions = {},
): Promise<EnsuredIndexes> {
  const database = databaseOf(connection);
  const targets = [...collections];
  await createCollections(database, targets);
  const supports = createIndexProbe(connection);
  const plan = async (isWanted: (action: Creation) => boolean = () => true) => {
    const { actions, unsupported } = await planIndexes(connection, targets, {}, supports);
    return { actions: actions.filter(isCreation).filter(isWanted), unsupported };
  };
  const first = await plan();
  const large = await findLarge(database, first.actions, smallDocuments);
  const isSmall = ({ collection }: Creation) => !large.has(collection);
  const isUrgent = ({ index }: Creation) => index.unique === true;
  const built: IndexAction[] = [];
  if (first.actions.some(isSmall)) built.push(...(await carryOutPlan(connection, () => plan(isSmall))));
  if (first.actions.some((action) => !isSmall(action) && isUrgent(action))) {
    const lease = await awaitLease(connection, buildLease);
    try {
      const options = { onProgress: tellOthers(lease, onProgress) };
      built.push(...(await carryOutPlan(connection, () => plan(isUrgent), options)));
    } finally {
      await lease.release();
    }
  }
  await awaitUniqueIndexes(database, targets);
  const { actions: pending, unsupported } = large.size === 0 ? { ...first, actions: [] } : await plan();
  return { built, pending, unsupported };
}

type Creation = Extract<IndexAction, { kind: 'create' }>;

function isCreation(action: IndexAction): action is Creation {
  return action.kind === 'create';
}

async function findLarge(
  database: mongo.Db,
  actions: readonly IndexAction[],
  smallDocuments: number,
): Promise<ReadonlySet<string>> {
  const large = new Set<string>();
  for (const name of new Set(actions.map(({ collection }) => collection)))
    if ((await countAtMost(database, name)) > smallDocuments) large.add(name);
  return large;
}

/** Infinity where counting takes long: an engine that counts one by one has much to count. */
async function countAtMost(database: mongo.Db, name: string): Promise<number> {
  try {
    return await database.collection(name).estimatedDocumentCount({ maxTimeMS: countMilliseconds });
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === maxTimeExpired) return Infinity;
    throw error;
  }
}

/** A server lists an index while it builds it, and refuses doubles only afterwards; asked to build it, it waits. */
async function awaitUniqueIndexes(database: mongo.Db, targets: readonly DocumentClass[]): Promise<void> {
  for (const policy of targets.map(policyOf)) {
    const unique = deriveIndexes({ policy }).filter((index) => index.unique);
    if (unique.length === 0) continue;
    const live = await readIndexes(database, policy.name);
    for (const index of unique) {
      const twin = findTwin(index, live);
      if (twin) await buildIndex(database, policy.name, { ...index, name: twin.name });
    }
  }
}
