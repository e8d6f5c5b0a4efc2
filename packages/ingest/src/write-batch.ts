import type { mongo } from 'mongoose';
import type { PreparedEvent } from './prepare-event.js';
import { isPassingCode, isPassingFault } from './server-fault.js';

/** What became of the events of one batch; each event is in exactly one of the lists. */
export interface BatchOutcome {
  readonly written: readonly PreparedEvent[];
  /** Events that this collection will never take, each with the reason. */
  readonly poisoned: readonly { readonly event: PreparedEvent; readonly error: unknown }[];
  /** Events to write again, with the same `_id`s, and why. */
  readonly again: readonly PreparedEvent[];
  readonly fault?: unknown;
}

const duplicateKey = 11_000;

/** How the server answers an insert command that it took. */
interface InsertAnswer {
  readonly n: number;
  readonly writeErrors?: readonly {
    readonly index: number;
    readonly code: number;
    readonly errmsg?: string;
  }[];
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string };
}

/**
 * Inserts a batch, acknowledged by a majority, and sorts its events by what became of them.
 *
 * An event whose `_id` is there already has been written by an earlier try. A batch that is refused as a whole is
 * halved until the event that is at fault stands alone.
 */
export async function writeBatch(
  collection: mongo.Collection,
  database: mongo.Db,
  events: readonly PreparedEvent[],
): Promise<BatchOutcome> {
  try {
    // The command itself, because insertMany hides what went wrong: it wraps a broken connection and a refused
    // document in the same error.
    const answer = (await database.command(
      {
        insert: collection.collectionName,
        documents: events.map(({ document }) => document),
        ordered: false,
        writeConcern: { w: 'majority' },
      },
      { ignoreUndefined: true },
    )) as unknown as InsertAnswer;
    return await sortByAnswer(collection, events, answer);
  } catch (error) {
    if (isPassingFault(error)) return { written: [], poisoned: [], again: events, fault: error };
    if (events.length === 1)
      return { written: [], poisoned: events.map((event) => ({ event, error })), again: [] };
    const middle = Math.ceil(events.length / 2);
    return join(
      await writeBatch(collection, database, events.slice(0, middle)),
      await writeBatch(collection, database, events.slice(middle)),
    );
  }
}

async function sortByAnswer(
  collection: mongo.Collection,
  events: readonly PreparedEvent[],
  { writeErrors = [], writeConcernError }: InsertAnswer,
): Promise<BatchOutcome> {
  // What a majority has not acknowledged may be rolled back; writing it again finds it by its `_id`.
  if (writeConcernError)
    return { written: [], poisoned: [], again: events, fault: new Error(writeConcernError.errmsg) };
  const byPlace = new Map(writeErrors.map((one) => [one.index, one]));
  const present = await findPresent(
    collection,
    events.filter((_, place) => byPlace.get(place)?.code === duplicateKey),
  );
  const written: PreparedEvent[] = [];
  const poisoned: { event: PreparedEvent; error: unknown }[] = [];
  const again: PreparedEvent[] = [];
  for (const [place, event] of events.entries()) {
    const fault = byPlace.get(place);
    if (!fault || present.has(event)) written.push(event);
    else if (isPassingCode(fault.code)) again.push(event);
    else poisoned.push({ event, error: new Error(fault.errmsg ?? `write error ${fault.code}`) });
  }
  const [fault] = writeErrors.filter(({ code }) => isPassingCode(code));
  return { written, poisoned, again, ...(fault && { fault: new Error(fault.errmsg) }) };
}

/** Which of the events are stored under their own `_id`. */
async function findPresent(
  collection: mongo.Collection,
  events: readonly PreparedEvent[],
): Promise<Set<PreparedEvent>> {
  if (events.length === 0) return new Set();
  const ids = events.map(({ document }) => document['_id'] as mongo.ObjectId);
  const found = await collection.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
  const present = new Set(found.map(({ _id }) => String(_id)));
  return new Set(events.filter(({ document }) => present.has(String(document['_id']))));
}

function join(left: BatchOutcome, right: BatchOutcome): BatchOutcome {
  const fault = left.fault ?? right.fault;
  return {
    written: [...left.written, ...right.written],
    poisoned: [...left.poisoned, ...right.poisoned],
    again: [...left.again, ...right.again],
    ...(fault !== undefined && { fault }),
  };
}
