import type { IndexSpecification } from '@infratraq/kernel';
import { mongo } from 'mongoose';

/** How far the build of an index is. */
export interface BuildProgress {
  readonly collection: string;
  readonly index: string;
  readonly started_at: Date;
  /** Documents that the server has read, and how many it reads; null where it doesn't say. */
  readonly done: number | null;
  readonly total: number | null;
}

const reportMilliseconds = 2_000;

/**
 * Builds an index, however long that takes, and tells now and then how far it is. Does nothing where the index is there;
 * waits where the server is building it already.
 */
export async function buildIndex(
  database: mongo.Db,
  collection: string,
  { serves: _serves, ...index }: IndexSpecification,
  onProgress?: (progress: BuildProgress) => Promise<void>,
): Promise<void> {
  const building = { collection, index: index.name, started_at: new Date() };
  await onProgress?.({ ...building, done: null, total: null });
  let reporting: Promise<void> = Promise.resolve();
  const report = async () => onProgress?.({ ...building, ...(await readProgress(database, collection)) });
  // What is told is no part of the build: one that fails is made up for by the next.
  const timer = setInterval(() => (reporting = report().catch(() => undefined)), reportMilliseconds);
  try {
    const command = { createIndexes: collection, indexes: [index], writeConcern: { w: 'majority' } };
    // 0: the build outlives every limit of time that the connection puts on its commands.
    await database.command(command, { timeoutMS: 0 });
  } finally {
    clearInterval(timer);
    await reporting;
  }
}

async function readProgress(
  database: mongo.Db,
  collection: string,
): Promise<Pick<BuildProgress, 'done' | 'total'>> {
  const answer = await database
    .admin()
    .command({
      aggregate: 1,
      pipeline: [
        { $currentOp: { allUsers: true } },
        { $match: { 'command.createIndexes': collection, progress: { $exists: true } } },
      ],
      cursor: {},
    })
    .catch((error: unknown) => {
      // A role may lack the right to see operations; the build goes on without its progress.
      if (error instanceof mongo.MongoServerError) return {};
      throw error;
    });
  const [operation] = (answer as OperationsAnswer).cursor?.firstBatch ?? [];
  const { done, total } = operation?.progress ?? {};
  return { done: done ?? null, total: total ?? null };
}

interface OperationsAnswer {
  readonly cursor?: { readonly firstBatch: readonly { progress?: { done?: number; total?: number } }[] };
}
