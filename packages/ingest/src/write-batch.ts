import { mongo } from 'mongoose';
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

/**
 * Inserts a batch, acknowledged by a majority, and sorts its events by what became of them.
 *
 * An event whose `_id` is there already has been written by an earlier try. A batch that is refused as a whole is
 * halved until the event that is at fault stands alone.
 */
export async function writeBatch(
  collection: mongo.Collection,
  events: readonly PreparedEvent[],
): Promise<BatchOutcome> {
  try {
    await collection.insertMany(
      events.map(({ document }) => document),
      { ordered: false, ignoreUndefined: true, writeConcern: { w: 'majority' } },
    );
    return { written: events, poisoned: [], again: [] };
  } catch (error) {
    if (error instanceof mongo.MongoBulkWriteError) return sortByWriteError(collection, events, error);
    if (isPassingFault(error)) return { written: [], poisoned: [], again: events, fault: error };
    if (events.length === 1)
      return { written: [], poisoned: events.map((event) => ({ event, error })), again: [] };
    const middle = Math.ceil(events.length / 2);
    return join(
      await writeBatch(collection, events.slice(0, middle)),
      await writeBatch(collection, events.slice(middle)),
    );
  }
}

async function sortByWriteError(
  collection: mongo.Collection,
  events: readonly PreparedEvent[],
  error: mongo.MongoBulkWriteError,
): Promise<BatchOutcome> {
  const writeErrors = [error.writeErrors].flat();
  // Without errors of single documents the write was not acknowledged by a majority, or broke off half-way.
  if (writeErrors.length === 0 || error.result.getWriteConcernError())
    return { written: [], poisoned: [], again: events, fault: error };
  const byPlace = new Map(writeErrors.map((one) => [one.index, one]));
  const doubles = events.filter((_, place) => byPlace.get(place)?.code === duplicateKey);
  const present = await findPresent(collection, doubles);
  if (present === undefined) return { written: [], poisoned: [], again: events, fault: error };
  const written: PreparedEvent[] = [];
  const poisoned: { event: PreparedEvent; error: unknown }[] = [];
  const again: PreparedEvent[] = [];
  for (const [place, event] of events.entries()) {
    const fault = byPlace.get(place);
    if (!fault || present.has(event)) written.push(event);
    else if (isPassingCode(fault.code)) again.push(event);
    else poisoned.push({ event, error: new Error(fault.errmsg ?? `write error ${fault.code}`) });
  }
  return { written, poisoned, again, ...(again.length > 0 && { fault: error }) };
}

/** Which of the events are stored under their own `_id`; undefined when the server can't say now. */
async function findPresent(
  collection: mongo.Collection,
  events: readonly PreparedEvent[],
): Promise<Set<PreparedEvent> | undefined> {
  if (events.length === 0) return new Set();
  const ids = events.map(({ document }) => document['_id'] as mongo.ObjectId);
  try {
    const found = await collection.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
    const present = new Set(found.map(({ _id }) => String(_id)));
    return new Set(events.filter(({ document }) => present.has(String(document['_id']))));
  } catch (error) {
    if (isPassingFault(error)) return undefined;
    throw error;
  }
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
