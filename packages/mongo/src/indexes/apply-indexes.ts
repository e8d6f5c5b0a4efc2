import { setTimeout as delay } from 'node:timers/promises';
import { InfratraqError, type DocumentClass } from '@infratraq/kernel';
import type { Connection, mongo } from 'mongoose';
import { awaitLease, type HeldLease } from '../lease.js';
import { buildIndex, type BuildProgress } from './build-index.js';
import { createCollections } from './create-collections.js';
import { formatIndexAction, type IndexAction, type IndexPlan } from './index-plan.js';
import { buildLease, readBuild } from './read-build.js';
import { databaseOf, isServerError, planIndexes, type PlanOptions } from './plan-indexes.js';

/** What was done to the indexes of a database. */
export interface AppliedIndexes {
  /** In the order in which they were carried out; empty when everything was in place. */
  readonly actions: readonly IndexAction[];
  readonly unsupported: IndexPlan['unsupported'];
}

export interface ApplyOptions extends PlanOptions {
  /** Told how far a build is, every two seconds; of another process too, while that is waited for. */
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Ends the waiting for another process. */
  readonly signal?: AbortSignal;
}

const maximumRounds = 8;

/**
 * Gives the database the declared collections and indexes; does nothing where they are in place.
 *
 * One process at a time builds; others wait for it. What is new is built before what it replaces is dropped, and nothing
 * is dropped without `prune`. An index that the data contradicts (doubles under a unique key) fails at once.
 *
 * @throws InfratraqError `indexes.failed` naming the action that the server refuses
 */
export async function applyIndexes(
  connection: Connection,
  collections: Iterable<DocumentClass>,
  options: ApplyOptions = {},
): Promise<AppliedIndexes> {
  const targets = [...collections];
  await createCollections(databaseOf(connection), targets);
  const plan = await planIndexes(connection, targets, options);
  if (plan.actions.length === 0) return { actions: [], unsupported: plan.unsupported };
  const lease = await awaitLease(connection, buildLease, {
    ...(options.signal && { signal: options.signal }),
    onWait: (entry) => {
      const build = readBuild(entry);
      if (build) options.onProgress?.(build);
    },
  });
  try {
    const actions = await carryOutPlan(connection, () => planIndexes(connection, targets, options), {
      onProgress: tellOthers(lease, options.onProgress),
    });
    return { actions, unsupported: plan.unsupported };
  } finally {
    await lease.release();
  }
}

/** Notes the progress of a build where other processes find it. */
export function tellOthers(
  lease: HeldLease,
  onProgress?: (progress: BuildProgress) => void,
): (progress: BuildProgress) => Promise<void> {
  return async (progress) => {
    onProgress?.(progress);
    await lease.note({ working_on: progress });
  };
}

/** Carries out what a plan says until nothing is left of it; plans anew when another process was faster. */
export async function carryOutPlan(
  connection: Connection,
  plan: () => Promise<Pick<IndexPlan, 'actions'>>,
  { onProgress }: { onProgress?: (progress: BuildProgress) => Promise<void> } = {},
): Promise<IndexAction[]> {
  const database = databaseOf(connection);
  const done: IndexAction[] = [];
  for (let round = 1; ; round += 1) {
    const { actions } = await plan();
    if (actions.length === 0) return done;
    for (const action of actions) {
      try {
        await carryOut(database, action, onProgress);
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
        `After ${maximumRounds} rounds these are still to be done: ${actions.map(formatIndexAction).join('; ')}`,
      );
  }
}

async function carryOut(
  database: mongo.Db,
  action: IndexAction,
  onProgress?: (progress: BuildProgress) => Promise<void>,
): Promise<void> {
  const collection = database.collection(action.collection);
  switch (action.kind) {
    case 'create':
      await buildIndex(database, action.collection, action.index, onProgress);
      break;
    case 'modify-ttl':
      await database.command({
        collMod: action.collection,
        index: { name: action.name, expireAfterSeconds: action.toSeconds },
      });
      break;
    case 'rebuild':
      await collection.dropIndex(action.live.name);
      await buildIndex(database, action.collection, action.index, onProgress);
      break;
    case 'drop':
      await collection.dropIndex(action.live.name);
      break;
  }
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
