import type { DocumentClass } from '@infratraq/kernel';
import type { Model } from 'mongoose';
import {
  findDocuments,
  selectDocuments,
  type ResolvedShape,
  type Selection,
  type Stored,
} from './run-query.js';
import { findInWindows } from './windows/find-in-windows.js';
import { findSuited } from './windows/find-suited.js';
import { readsInOrder } from './windows/reads-in-order.js';
import { suitFilter } from './windows/suit-filter.js';
import type { WindowMemory } from './windows/window-memory.js';

/** Reads documents of one collection. */
export type FindDocuments<T> = (shape: ResolvedShape, options: Selection) => Promise<Stored<T>[]>;

/** Reads all that a filter finds, one document after another. */
export async function* streamDocuments<T extends object>(
  model: Model<T>,
  target: DocumentClass<T>,
  { filter, sort }: ResolvedShape,
): AsyncIterable<Stored<T>> {
  const suited = (await readsInOrder(model.db)) ? filter : suitFilter(target, filter);
  const found = selectDocuments(model, { filter: suited, sort }, {});
  yield* found.lean().cursor() as unknown as AsyncIterable<Stored<T>>;
}

/**
 * Answers a function that reads documents at a cost that follows the limit: MongoDB reads an index in its order and
 * stops there; other engines are asked window by window.
 */
export function createFinder<T extends object>(
  model: Model<T>,
  target: DocumentClass<T>,
  memory: WindowMemory,
): FindDocuments<T> {
  const find: FindDocuments<T> = (shape, selection) => findSuited(model, target, shape, selection);
  return async (shape, selection) => {
    if (await readsInOrder(model.db)) return findDocuments(model, shape, selection);
    const { limit, skip, milliseconds, ...read } = selection;
    if (limit === undefined || skip || milliseconds !== undefined) return find(shape, selection);
    return findInWindows(model, target, shape, { ...read, limit, memory, find });
  };
}
