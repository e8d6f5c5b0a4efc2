import type { DocumentClass } from '@infratraq/kernel';
import { mongo, type Model } from 'mongoose';
import { findDocuments, type ResolvedShape, type Selection, type Stored } from '../run-query.js';
import { suitFilter } from './suit-filter.js';

const learning = new WeakMap<object, Promise<unknown>>();

/** Reads documents by a filter that is stated as suits an engine that plans little. */
export async function findSuited<T extends object>(
  model: Model<T>,
  target: DocumentClass<T>,
  { filter, sort }: ResolvedShape,
  selection: Selection,
): Promise<Stored<T>[]> {
  const startedAt = performance.now();
  const found = await findDocuments(model, { filter: suitFilter(target, filter), sort }, selection);
  const { milliseconds } = selection;
  if (milliseconds !== undefined && performance.now() - startedAt >= milliseconds) await learnIndexes(model);
  return found;
}

/**
 * Lets the engine learn which indexes hold arrays: it scans the collection for that once after any index was made, and
 * begins again with every query whose time ends before the scan does. This one has no limit.
 */
async function learnIndexes<T extends object>({ collection }: Model<T>): Promise<void> {
  const nothing = { _id: { $lt: new mongo.MinKey() } } as object;
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
