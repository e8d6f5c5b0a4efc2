import { duplicateKeyCode, isPassingCode, isPassingFault } from '@infratraq/mongo';
import { findDocumentSequence } from '@infratraq/mongo/document-sequence';
import type { mongo } from 'mongoose';
import { readDocument, type RecordedEvent } from '../queue/recorded-event.js';
import { isolateFault, type BatchOutcome, type Sink } from '../queue/sink.js';
import { fillSequence } from './fill-sequence.js';

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
 * Makes the sink of a collection: it inserts a batch, acknowledged by a majority, and sorts its events by what became
 * of them. An event whose `_id` is there already has been written by an earlier try.
 */
export function createDocumentSink(
  database: mongo.Db,
  name: string,
  Sequence = findDocumentSequence(),
): Sink {
  const collection = database.collection(name);
  const write: Sink = async (events, maxSilenceMilliseconds) => {
    try {
      // The command itself, because insertMany hides what went wrong: it wraps a broken connection and a refused
      // document in the same error.
      const answer = (await database.command(
        {
          insert: name,
          documents: Sequence ? fillSequence(new Sequence('documents'), events) : events.map(readDocument),
          ordered: false,
          writeConcern: { w: 'majority' },
        },
        { ignoreUndefined: true, timeoutMS: maxSilenceMilliseconds },
      )) as unknown as InsertAnswer;
      return await sortByAnswer(collection, events, answer, maxSilenceMilliseconds);
    } catch (error) {
      if (isPassingFault(error)) return { written: [], poisoned: [], again: events, fault: error };
      return isolateFault(events, error, (half) => write(half, maxSilenceMilliseconds));
    }
  };
  return write;
}

async function sortByAnswer(
  collection: mongo.Collection,
  events: readonly RecordedEvent[],
  { writeErrors = [], writeConcernError }: InsertAnswer,
  timeoutMS: number,
): Promise<BatchOutcome> {
  // What a majority has not acknowledged may be rolled back; writing it again finds it by its `_id`.
  if (writeConcernError)
    return { written: [], poisoned: [], again: events, fault: new Error(writeConcernError.errmsg) };
  if (writeErrors.length === 0) return { written: events, poisoned: [], again: [] };
  const byPlace = new Map(writeErrors.map((one) => [one.index, one]));
  const present = await findPresent(
    collection,
    events.filter((_, place) => byPlace.get(place)?.code === duplicateKeyCode),
    timeoutMS,
  );
  const written: RecordedEvent[] = [];
  const poisoned: { event: RecordedEvent; error: unknown }[] = [];
  const again: RecordedEvent[] = [];
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
  events: readonly RecordedEvent[],
  timeoutMS: number,
): Promise<Set<RecordedEvent>> {
  if (events.length === 0) return new Set();
  const ids = new Map(events.map((event) => [event, readDocument(event)['_id'] as mongo.ObjectId]));
  const found = await collection
    .find({ _id: { $in: [...ids.values()] } }, { projection: { _id: 1 }, timeoutMS })
    .toArray();
  const present = new Set(found.map(({ _id }) => String(_id)));
  return new Set(events.filter((event) => present.has(String(ids.get(event)))));
}
