import { setTimeout as delay } from 'node:timers/promises';
import { InfratraqError, policyOf, type DocumentClass, type IndexSpecification } from '@infratraq/kernel';
import type { Connection, mongo } from 'mongoose';
import { formatIndexAction, type IndexAction, type IndexPlan } from './index-plan.js';
import { databaseOf, isServerError, planIndexes, type PlanOptions } from './plan-indexes.js';

/** What was done to the indexes of a database. */
export interface AppliedIndexes {
  /** In the order in which they were carried out; empty when everything was in place. */
  readonly actions: readonly IndexAction[];
  readonly unsupported: IndexPlan['unsupported'];
}

const maximumRounds = 8;

/**
 * Gives the database the declared collections and indexes; does nothing where they are in place.
 *
 * Several appliers may run at once: whoever finds that another was faster reads the live indexes again and goes on
 * from there. An index that the data contradicts (doubles under a unique key) fails at once.
 *
 * @throws InfratraqError `indexes.failed` naming the action that the server refuses
 */
export async function applyIndexes(
  connection: Connection,
  collections: Iterable<DocumentClass>,
  options: PlanOptions = {},
): Promise<AppliedIndexes> {
  const database = databaseOf(connection);
  const targets = [...collections];
  await createCollections(database, targets);
  const done: IndexAction[] = [];
  for (let round = 1; ; round += 1) {
    const plan = await planIndexes(connection, targets, options);
    if (plan.actions.length === 0) return { actions: done, unsupported: plan.unsupported };
    for (const action of plan.actions) {
      try {
        await carryOut(database, action);
        done.push(action);
      } catch (cause) {
        if (!isRace(cause) || round === maximumRounds)
          throw new InfratraqError(
            'indexes.failed',
            `The server refuses to ${formatIndexAction(action).replace(/ +/g, ' ')}: ${reasonOf(cause)}`,
            { cause },
          );
        await delay(round * 20 + Math.random() * 50);
        break;
      }
    }
    if (round === maximumRounds)
      throw new InfratraqError(
        'indexes.failed',
        `After ${maximumRounds} rounds these are still to be done: ${plan.actions.map(formatIndexAction).join('; ')}`,
      );
  }
}

async function createCollections(database: mongo.Db, targets: readonly DocumentClass[]): Promise<void> {
  const present = new Set(
    (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
  );
  for (const name of targets.map((target) => policyOf(target).name)) {
    if (present.has(name)) continue;
    try {
      await database.createCollection(name);
    } catch (error) {
      if (!isServerError(error, 'NamespaceExists', 48)) throw error;
    }
  }
}

async function carryOut(database: mongo.Db, action: IndexAction): Promise<void> {
  const collection = database.collection(action.collection);
  switch (action.kind) {
    case 'create':
      await createIndex(collection, action.index);
      break;
    case 'modify-ttl':
      await database.command({
        collMod: action.collection,
        index: { name: action.index.name, expireAfterSeconds: action.toSeconds },
      });
      break;
    case 'rebuild':
      await collection.dropIndex(action.live.name);
      await createIndex(collection, action.index);
      break;
    case 'drop':
      await collection.dropIndex(action.live.name);
      break;
  }
}

async function createIndex(collection: mongo.Collection, index: IndexSpecification): Promise<void> {
  const { key, serves: _serves, ...options } = index;
  await collection.createIndex(key as Record<string, 1>, options as mongo.CreateIndexesOptions);
}

/** Errors that say that another applier is at work, or has changed the live indexes since they were read. */
function isRace(error: unknown): boolean {
  return (
    // DocumentDB passes PostgreSQL's words on without a code of its own.
    /deadlock detected|tuple concurrently/.test(reasonOf(error)) ||
    isServerError(error, 'IndexOptionsConflict', 85) ||
    isServerError(error, 'IndexKeySpecsConflict', 86) ||
    isServerError(error, 'IndexAlreadyExists', 68) ||
    isServerError(error, 'IndexNotFound', 27) ||
    isServerError(error, 'NamespaceExists', 48) ||
    isServerError(error, 'NamespaceNotFound', 26) ||
    isServerError(error, 'IndexBuildAborted', 276) ||
    isServerError(error, 'IndexBuildAlreadyInProgress', 371) ||
    isServerError(error, 'ConflictingOperationInProgress', 117) ||
    isServerError(error, 'WriteConflict', 112)
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
