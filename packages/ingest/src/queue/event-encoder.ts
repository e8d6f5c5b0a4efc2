import { InvalidInputError } from '@infratraq/kernel';
import { mongo } from 'mongoose';
import type { RecordedEvent } from './recorded-event.js';

const slabBytes = 64 * 1024;
const largestDocumentBytes = 16 * 1024 * 1024;

/**
 * Turns documents into BSON as soon as they are recorded: what waits is bytes, exactly counted and nothing for the
 * garbage collector to walk through, and the same bytes go to the journal and to the database.
 */
export class EventEncoder {
  #slab = Buffer.allocUnsafeSlow(0);
  #used = 0;

  /** @throws InvalidInputError `event.too-large`, or BSONError for what BSON cannot hold */
  encode(document: mongo.Document): RecordedEvent {
    const start = this.#used;
    const end = this.#tryEncode(document, start);
    if (end === undefined) return this.#encodeAside(document);
    this.#used = end;
    return { slab: this.#slab, start, end, recordedAt: Date.now(), segment: undefined, isSettled: false };
  }

  #tryEncode(document: mongo.Document, index: number): number | undefined {
    try {
      return (
        mongo.BSON.serializeWithBufferAndIndex(document, this.#slab, { index, ignoreUndefined: true }) + 1
      );
    } catch (error) {
      // The slab has no room for it. By name, because several realms may be at work.
      if ((error as Error).name === 'RangeError') return undefined;
      throw error;
    }
  }

  #encodeAside(document: mongo.Document): RecordedEvent {
    const bytes = mongo.BSON.calculateObjectSize(document, { ignoreUndefined: true });
    if (bytes > largestDocumentBytes)
      throw new InvalidInputError(
        `The document takes ${bytes} bytes; MongoDB holds at most ${largestDocumentBytes}`,
        { code: 'event.too-large' },
      );
    this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes));
    this.#used = 0;
    const end = this.#tryEncode(document, 0);
    if (end === undefined) throw new InvalidInputError(`The document changed while it was recorded`);
    this.#used = end;
    return { slab: this.#slab, start: 0, end, recordedAt: Date.now(), segment: undefined, isSettled: false };
  }
}
