import type { Models } from '@infratraq/mongo';
import type { mongo } from 'mongoose';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { writeCanonical } from './canonical-document.js';
import { hashLeaf } from './merkle-tree.js';
import type { SealedChange } from './seal.js';

/** A stored change as the database gives it back. */
export type StoredChange = Record<string, unknown> & { _id: string; changed_at: Date };

/** Ids from one (exclusive; from the beginning when undefined) to another. */
export interface IdRange {
  readonly after?: string | undefined;
  /** Inclusive. */
  readonly from?: string;
  readonly below?: string;
  readonly upTo?: string;
}

/** Reads changes in the order of their ids, without the schema: fields that it doesn't know are sealed too. */
export function readChanges(
  models: Models,
  { after, from, below, upTo }: IdRange,
  limit = 0,
): mongo.FindCursor<StoredChange> {
  return models
    .of(EntityChangelog)
    .collection.find<StoredChange>({
      _id: {
        ...(after === undefined ? { $gte: from ?? '' } : { $gt: after }),
        ...(below !== undefined && { $lt: below }),
        ...(upTo !== undefined && { $lte: upTo }),
      } as never,
    })
    .sort({ _id: 1 })
    .limit(limit)
    .batchSize(500);
}

/** Reads the ids of all changes after one, in order; from the beginning when undefined. */
export async function* readIds(models: Models, after: string | undefined): AsyncGenerator<string> {
  const found = models
    .of(EntityChangelog)
    .collection.find({ _id: after === undefined ? { $gte: '' } : { $gt: after } } as never)
    .project<{ _id: string }>({ _id: 1 })
    .sort({ _id: 1 });
  for await (const { _id } of found) yield _id;
}

/** A change as a seal lists it. */
export function sealChange(change: StoredChange): SealedChange {
  return {
    change_id: change._id,
    changed_at: change.changed_at,
    hash: hashLeaf(writeCanonical(change)),
  };
}
