import { mongo } from 'mongoose';
import type { Change } from './change.js';
import { BsonBuffer, makeRoomForValue } from './bson-buffer.js';
import { ChangeBatch } from './change-batch.js';
import { Ends } from './ends.js';
import { omitLargeValues } from './omit-large-values.js';

const largestDocumentBytes = 16 << 20;
/** For the change that fills a batch, unless it is a large one: a buffer that grows is twice as large. */
const lastChangeBytes = 256 << 10;

/** Where changes are written as documents until they are taken as a batch; what holds them is used again. */
export class ChangeBuffer {
  #open: Holder;
  readonly #spare: Holder[] = [];
  readonly #initialBytes: number;

  /** Batches are taken once they have about so many bytes. */
  constructor(batchBytes: number) {
    this.#initialBytes = batchBytes + lastChangeBytes;
    this.#open = makeHolder(this.#initialBytes);
  }

  get length(): number {
    return this.#open.ends.length;
  }

  /** Bytes of the documents that are complete. */
  get byteLength(): number {
    return this.#open.ends.last();
  }

  /** Where the next document is to be written; `finishDocument` completes it, and otherwise it is written over. */
  beginDocument(): BsonBuffer {
    const { documents, ends } = this.#open;
    documents.restart(ends.last());
    return documents;
  }

  /** Completes a document. One that is larger than a document may be loses its largest values, as long as it has any. */
  finishDocument(): void {
    const { documents, ends } = this.#open;
    const start = ends.last();
    if (documents.offset - start > largestDocumentBytes) omitLargeValues(documents, start);
    ends.push(documents.offset);
  }

  /** What was written so far. `release` gives its bytes back once it is stored. */
  take(): { batch: ChangeBatch; release: () => void } {
    const taken = this.#open;
    this.#open = this.#spare.pop() ?? makeHolder(this.#initialBytes);
    const release = () => {
      taken.ends.clear();
      // One that had to grow far for once is given back.
      if (taken.documents.bytes.length <= 2 * this.#initialBytes) this.#spare.push(taken);
    };
    return { batch: new ChangeBatch(taken.documents.bytes, taken.ends.view()), release };
  }
}

/** Documents, and where each ends. */
interface Holder {
  readonly documents: BsonBuffer;
  readonly ends: Ends;
}

function makeHolder(initialBytes: number): Holder {
  return { documents: new BsonBuffer(initialBytes), ends: new Ends() };
}

/** Changes that are objects, as a batch. */
export function encodeChanges(changes: readonly Change[]): ChangeBatch {
  const buffer = new ChangeBuffer(0);
  for (const change of changes) {
    writeDocument(buffer.beginDocument(), change);
    buffer.finishDocument();
  }
  return buffer.take().batch;
}

function writeDocument(target: BsonBuffer, change: Change): void {
  makeRoomForValue(change);
  const bytes = mongo.BSON.serialize(change);
  target.reserve(bytes.length);
  target.copy(bytes, 0, bytes.length);
}
