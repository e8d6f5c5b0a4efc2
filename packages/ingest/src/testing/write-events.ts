import { mongo } from 'mongoose';
import type { Journal } from '../journal/journal.js';
import type { RecordedEvent } from '../queue/recorded-event.js';

/** Makes an event with a number. */
export function makeEvent(number: number, text = ''): RecordedEvent {
  const slab = Buffer.from(mongo.BSON.serialize({ number, text }));
  return { slab, start: 0, end: slab.length, recordedAt: 0, segment: undefined, isSettled: false };
}

/** Appends events with the numbers from 0 on to lane `a`. */
export function writeEvents(journal: Journal, count: number): void {
  for (let number = 0; number < count; number += 1) journal.append(Buffer.from('a'), [makeEvent(number)]);
}
