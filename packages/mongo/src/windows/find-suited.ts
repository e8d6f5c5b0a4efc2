import type { DocumentClass } from '@infratraq/kernel';
import type { Model } from 'mongoose';
import { findDocuments, type ResolvedShape, type Selection, type Stored } from '../run-query.js';
import { isOutOfTime } from './read-in-windows.js';
import { suitFilter } from './suit-filter.js';

const learning = new WeakMap<object, Promise<unknown>>();

/** Reads documents by a filter that is stated as suits an engine that plans little. */
export async function findSuited<T extends object>(
  model: Model<T>,
  target: DocumentClass<T>,
  { filter, sort }: ResolvedShape,
  selection: Selection,
): Promise<Stored<T>[]> {
  const suited = { filter: suitFilter(target, filter), sort };
  const { milliseconds } = selection;
  const find = () => findDocuments(model, suited, selection);
  if (milliseconds === undefined) return find();
  const startedAt = performance.now();
  const timeTaken = () => performance.now() - startedAt;
  try {
    const found = await find();
    if (timeTaken() >= milliseconds) await learnIndexes(model);
    return found;
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
    const begun = timeTaken();
    await learnIndexes(model);
    // It was not the query that took the time.
    if (timeTaken() - begun > milliseconds) return find();
    throw error;
  }
}

/**
 * Lets the engine learn which indexes hold arrays: it scans the collection for that once after any index was made, and
 * begins again with every query whose time ends before the scan does. This one has no limit.
 */
async function learnIndexes<T extends object>({ collection }: Model<T>): Promise<void> {
  const nothing = { _id: { $in: [] } };
  const known = learning.get(collection);
  if (known) return void (await known);
  const scan = collection.findOne(nothing, { projection: { _id: 1 } });
  learning.set(collection, scan);
  try {
    await scan;
  } finally {
    learning.delete(collection);
  }
}
