import type { DocumentClass } from '@infratraq/kernel';
import type { Model } from 'mongoose';
import { findDocuments, type ResolvedShape, type Selection, type Stored } from './run-query.js';
import { findInWindows } from './windows/find-in-windows.js';
import { readsInOrder } from './windows/reads-in-order.js';
import type { WindowMemory } from './windows/window-memory.js';

/** Reads documents of one collection. */
export type FindDocuments<T> = (shape: ResolvedShape, options: Selection) => Promise<Stored<T>[]>;

/**
 * Answers a function that reads documents at a cost that follows the limit: MongoDB reads an index in its order and
 * stops there; other engines are asked window by window.
 */
export function createFinder<T extends object>(
  model: Model<T>,
  target: DocumentClass<T>,
  memory: WindowMemory,
): FindDocuments<T> {
  return async (shape, { limit, skip, milliseconds }) =>
    limit === undefined || skip || milliseconds !== undefined || (await readsInOrder(model.db))
      ? findDocuments(model, shape, { limit, skip, milliseconds })
      : findInWindows(model, target, shape, { limit, memory });
}
