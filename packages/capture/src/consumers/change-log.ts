import { OrderedReader, type ReadBounds, type Window } from '@infratraq/mongo';
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

/** Bytes of the write-ahead log that the first window of a read covers. */
const firstWidth = 2 ** 20;
const endOfLog = 2 ** 63;

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
  readonly #reader: OrderedReader;

  constructor(
    connection: Connection,
    collectionName = 'entity_changelog',
    reader = new OrderedReader(connection),
  ) {
    this.#connection = connection;
    this.#collectionName = collectionName;
    this.#reader = reader;
  }

  /** Answers the next changes in their order; none when there are no more that are complete. */
  async readNext({ limit, ...request }: ReadRequest): Promise<Change[]> {
    for (const range of listRanges(request)) {
      const found = await this.#reader.read({
        ...range.span,
        width: firstWidth,
        limit,
        stopsEarly: true,
        read: (window, bounds) => this.#readFirstAnswer(range.filter(window), bounds),
      });
      if (found.length > 0) return found;
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
    for (const range of listRanges(request)) {
      if (changes >= limit) break;
      const found = await this.#reader.read({
        ...range.span,
        width: firstWidth,
        limit: limit - changes,
        read: (window, bounds) =>
          this.#find(range.filter(window), bounds)
            .project<Pick<Change, 'changed_at'>>({ changed_at: 1 })
            .toArray(),
      });
      changes += found.length;
      oldest ??= found[0]?.changed_at;
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
    await this.#collection().findOne({ _id: '' }, { projection: { _id: 1 }, maxTimeMS: 5_000 });
  }

  /** Only what comes in the first answer, which is at most 16 MiB, however large the changes are. */
  async #readFirstAnswer(filter: mongo.Filter<Change>, bounds: ReadBounds): Promise<Change[]> {
    const cursor = this.#find(filter, bounds).batchSize(bounds.limit);
    try {
      return (await cursor.hasNext()) ? cursor.readBufferedDocuments() : [];
    } finally {
      await cursor.close();
    }
  }

  #find(filter: mongo.Filter<Change>, { limit, milliseconds }: ReadBounds): mongo.FindCursor<Change> {
    const found = this.#collection().find(filter).sort({ _id: 1 }).limit(limit);
    return milliseconds === undefined ? found : found.maxTimeMS(Math.ceil(milliseconds));
  }

  #collection(): mongo.Collection<Change> {
    if (this.#connection.db === undefined) throw new SinkNotConnectedError();
    return this.#connection.db.collection<Change>(this.#collectionName);
  }
}

/** A stretch of ids of one source. */
interface IdRange {
  /** Positions in the source's log. */
  readonly span: { readonly start: number; readonly end: number };
  filter(window: Window): mongo.Filter<Change>;
}

/** One range for each source, in their order. */
function listRanges({ position, sources, entityTypes }: Omit<ReadRequest, 'limit'>): IdRange[] {
  return sources
    .map((source) => ({ source, start: `${source.source}:`, end: findEnd(source) }))
    .filter(({ end }) => end > position)
    .map(({ source, start, end }) => ({
      span: {
        start: position > start ? logPositionOf(position) : 0,
        end: source.confirmed_lsn === undefined ? endOfLog : Number(parseLsn(source.confirmed_lsn)),
      },
      filter: ({ from, below }) => ({
        _id: {
          ...(from === undefined
            ? { $gt: position > start ? position : start }
            : { $gte: start + writeLogPosition(from) }),
          $lt: below === undefined ? end : earlierOf(start + writeLogPosition(below), end),
        },
        // A GAP concerns every table.
        ...(entityTypes !== undefined && { entity_type: { $in: [...entityTypes, '*'] } }),
      }),
    }));
}

function earlierOf(one: string, other: string): string {
  return one < other ? one : other;
}

function logPositionOf(id: string): number {
  return Number.parseInt(id.split(':')[1] ?? '0', 16) || 0;
}

// Rounded, which does no harm: a window begins where the one before it ends.
function writeLogPosition(position: number): string {
  return BigInt(Math.floor(position)).toString(16).padStart(16, '0');
}
