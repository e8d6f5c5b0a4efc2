import { OrderedReader, type Models } from '@infratraq/mongo';
import type { mongo } from 'mongoose';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { writeCanonical } from './canonical-document.js';
import { hashLeaf } from './merkle-tree.js';
import type { SealedChange } from './seal.js';

/** A stored change as the database gives it back. */
export type StoredChange = Record<string, unknown> & { _id: string; changed_at: Date };

/** Bytes of the write-ahead log that the first window of a read covers. */
const firstWidth = 2 ** 20;
const endOfLog = 2 ** 63;

/** Ids from one (exclusive; from the beginning when undefined) to another. */
export interface IdRange {
  readonly after?: string | undefined;
  /** Inclusive. */
  readonly from?: string;
  readonly below?: string;
  readonly upTo?: string;
}

/**
 * Reads changes in the order of their ids, at most as many as the limit. Without the schema: fields that it doesn't know
 * are sealed too.
 */
export async function* readChanges(
  models: Models,
  range: IdRange,
  limit?: number,
): AsyncGenerator<StoredChange, void, undefined> {
  const [source, lsn] = range.after?.split(':') ?? [];
  if (limit === undefined || source === undefined || lsn === undefined) {
    yield* findChanges(models, range, limit ?? 0);
    return;
  }
  const end = `${source};`;
  const ids = await readNextIds(models, { ...range, source, lsn }, limit);
  const [first, last] = [ids[0], ids.at(-1)];
  if (first !== undefined && last !== undefined)
    yield* findChanges(models, { from: first, upTo: last }, limit);
  const left = limit - ids.length;
  if (left > 0) yield* findChanges(models, { ...range, after: undefined, from: end }, left);
}

function findChanges(models: Models, range: IdRange, limit: number): mongo.FindCursor<StoredChange> {
  return models
    .of(EntityChangelog)
    .collection.find<StoredChange>({ _id: writeRange(range) as never })
    .sort({ _id: 1 })
    .limit(limit)
    .batchSize(500);
}

/** Ids of the changes that come next in the same source. */
async function readNextIds(
  models: Models,
  { source, lsn, ...range }: IdRange & { source: string; lsn: string },
  limit: number,
): Promise<string[]> {
  const { collection } = models.of(EntityChangelog);
  const idAt = (place: number) => `${source}:${BigInt(Math.floor(place)).toString(16).padStart(16, '0')}`;
  const found = await new OrderedReader(models.connection).read({
    start: Number.parseInt(lsn, 16),
    end: endOfLog,
    width: firstWidth,
    limit,
    read: ({ from, below }, { limit: most, milliseconds }) => {
      const stop = below === undefined ? `${source};` : idAt(below);
      const _id = {
        ...writeRange(range),
        ...(from !== undefined && { $gt: idAt(from) }),
        $lt: range.below !== undefined && range.below < stop ? range.below : stop,
      };
      const ids = collection
        .find({ _id: _id as never })
        .project<{ _id: string }>({ _id: 1 })
        .sort({ _id: 1 })
        .limit(most);
      return (milliseconds === undefined ? ids : ids.maxTimeMS(Math.ceil(milliseconds))).toArray();
    },
  });
  return found.map(({ _id }) => _id);
}

function writeRange({ after, from, below, upTo }: IdRange) {
  return {
    ...(after === undefined ? { $gte: from ?? '' } : { $gt: after }),
    ...(below !== undefined && { $lt: below }),
    ...(upTo !== undefined && { $lte: upTo }),
  };
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
