import { mongo } from 'mongoose';
import type { Change } from '../change.js';
import { BsonBuffer, makeRoomForValue } from './bson-buffer.js';
import { ChangeBatch } from './change-batch.js';
import { omitLargeValues } from './omit-large-values.js';

const largestDocumentBytes = 16 << 20;
const initialBytes = 2 << 20;
/** A buffer that had to grow beyond this for once is given back. */
const mostKeptBytes = 4 << 20;

/** Where changes are written as documents until they are taken as a batch; buffers are used again. */
export class ChangeBuffer {
  private documents = new BsonBuffer(initialBytes);
  private readonly spare: BsonBuffer[] = [];
  private ends: number[] = [];

  get length(): number {
    return this.ends.length;
  }

  /** Bytes of the documents that are complete. */
  get byteLength(): number {
    return this.ends.at(-1) ?? 0;
  }

  /** Where the next document is to be written; `finishDocument` completes it, and otherwise it is written over. */
  beginDocument(): BsonBuffer {
    this.documents.offset = this.byteLength;
    return this.documents;
  }

  /** Completes a document. One that is larger than a document may be loses its largest values, as long as it has any. */
  finishDocument(): void {
    const { documents, byteLength: start } = this;
    if (documents.offset - start > largestDocumentBytes) this.shorten(start);
    this.ends.push(documents.offset);
  }

  /** What was written so far. `release` gives its bytes back once it is stored. */
  take(): { batch: ChangeBatch; release: () => void } {
    const taken = this.documents;
    const batch = new ChangeBatch(taken.bytes, this.ends);
    this.documents = this.spare.pop() ?? new BsonBuffer(initialBytes);
    this.ends = [];
    const release = () => {
      if (taken.bytes.length <= mostKeptBytes) this.spare.push(taken);
    };
    return { batch, release };
  }

  private shorten(start: number): void {
    const document = new ChangeBatch(this.documents.bytes, [this.documents.offset], start);
    const reduced = omitLargeValues(document.read(0));
    if (reduced === undefined) return;
    this.documents.offset = start;
    writeDocument(this.documents, reduced);
  }
}

/** Changes that are objects, as a batch. */
export function encodeChanges(changes: readonly Change[]): ChangeBatch {
  const buffer = new ChangeBuffer();
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
