import { type mongo, type Connection } from 'mongoose';
import type { Change } from '../encoding/change.js';
import { parseLsn } from '../pgoutput/lsn.js';
import { SinkNotConnectedError } from '../sinks/create-mongo-change-sink.js';

/** One slot's changes, and up to where they are complete. */
export interface ChangeSource {
  readonly source: string;
  /** Everything before it is stored; undefined for an ended source, to which nothing is added any more. */
  readonly confirmed_lsn: string | undefined;
}

/** The end of a source's ids that may be read: documents beyond it may not all be there yet. */
export function findEnd({ source, confirmed_lsn }: ChangeSource): string {
  // A colon ends the source's name, so what begins with the next character is after all of its ids.
  if (confirmed_lsn === undefined) return `${source};`;
  return `${source}:${parseLsn(confirmed_lsn).toString(16).padStart(16, '0')}`;
}

/** A position right before a change, so that reading begins with that change. */
export function findPositionBefore(changeId: string): string {
  const [source, lsn, place = '0'] = changeId.split(':');
  const before = Number.parseInt(place, 16) - 1;
  return `${source}:${lsn}:${before < 0 ? '' : before.toString(16).padStart(8, '0')}`;
}

export interface ReadRequest {
  /** Changes after it. */
  readonly position: string;
  /** Oldest first. */
  readonly sources: readonly ChangeSource[];
  readonly entityTypes: readonly string[] | undefined;
  readonly limit: number;
}

/** The changelog as consumers read it. */
export class ChangeLog {
  readonly #connection: Connection;
  readonly #collectionName: string;

  constructor(connection: Connection, collectionName = 'entity_changelog') {
    this.#connection = connection;
    this.#collectionName = collectionName;
  }

  /** Answers the next changes in their order; none when there are no more that are complete. */
  async readNext({ limit, ...request }: ReadRequest): Promise<Change[]> {
    for (const filter of listRanges(request)) {
      const cursor = this.#collection().find(filter, { sort: { _id: 1 }, limit, batchSize: limit });
      try {
        // Only what comes in the first answer, which is at most 16 MiB, however large the changes are.
        if (await cursor.hasNext()) return cursor.readBufferedDocuments();
      } finally {
        await cursor.close();
      }
    }
    return [];
  }

  /** Answers how many changes are next, counted up to the limit, and when the first of them was. */
  async countNext({
    limit,
    ...request
  }: ReadRequest): Promise<{ changes: number; oldest: Date | undefined }> {
    let changes = 0;
    let oldest: Date | undefined;
    for (const filter of listRanges(request)) {
      if (changes >= limit) break;
      changes += await this.#collection().countDocuments(filter, { limit: limit - changes });
      const [first] = await this.#collection()
        .find(filter, { sort: { _id: 1 }, limit: 1, projection: { changed_at: 1 } })
        .toArray();
      oldest ??= first?.changed_at;
    }
    return { changes, oldest };
  }

  /** Answers the id of the first change since a time. */
  async findFirstSince(time: Date): Promise<string | undefined> {
    const first = await this.#collection().findOne(
      { changed_at: { $gte: time } },
      { sort: { changed_at: 1 }, projection: { _id: 1 } },
    );
    return first?._id;
  }

  /** Answers those of the changes that are there, in their order. */
  readByIds(ids: readonly string[]): Promise<Change[]> {
    return this.#collection()
      .find({ _id: { $in: [...ids] } }, { sort: { _id: 1 } })
      .toArray();
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.#collection().findOne({}, { projection: { _id: 1 }, maxTimeMS: 5_000 });
  }

  #collection(): mongo.Collection<Change> {
    if (this.#connection.db === undefined) throw new SinkNotConnectedError();
    return this.#connection.db.collection<Change>(this.#collectionName);
  }
}

/** One filter for each source, in their order. */
function listRanges({ position, sources, entityTypes }: Omit<ReadRequest, 'limit'>): mongo.Filter<Change>[] {
  return sources
    .map((source) => ({ start: `${source.source}:`, end: findEnd(source) }))
    .filter(({ end }) => end > position)
    .map(({ start, end }) => ({
      _id: { $gt: position > start ? position : start, $lt: end },
      // A GAP concerns every table.
      ...(entityTypes !== undefined && { entity_type: { $in: [...entityTypes, '*'] } }),
    }));
}
