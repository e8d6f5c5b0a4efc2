import { mongo } from 'mongoose';
import type { Change } from './change.js';

const idPrefix = Buffer.from('\x02_id\0', 'latin1');

/**
 * Changes as they are to be stored: BSON documents, one after the other. The bytes are the sink's until its write has
 * resolved; then they are written over.
 */
export class ChangeBatch {
  readonly #buffer: Buffer;
  /** Where each document ends. */
  readonly #ends: Uint32Array;
  readonly #start: number;

  constructor(
    buffer: Buffer,
    /** Where each document ends. */
    ends: Uint32Array,
    start = 0,
  ) {
    this.#buffer = buffer;
    this.#ends = ends;
    this.#start = start;
  }

  get length(): number {
    return this.#ends.length;
  }

  /** All documents. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#ends.at(-1) ?? this.#start);
  }

  /** The documents from one place up to another. */
  slice(from: number, to = this.length): ChangeBatch {
    return new ChangeBatch(this.#buffer, this.#ends.subarray(from, to), this.#startOf(from));
  }

  /** One change as an object, its 64-bit integers as `Long`; it stays as it is. */
  read(place: number): Change {
    const document = this.#buffer.subarray(this.#startOf(place), this.#ends[place]);
    return mongo.BSON.deserialize(document, { promoteLongs: false }) as Change;
  }

  readAll(): Change[] {
    return Array.from(this.#ends, (_, place) => this.read(place));
  }

  /** The `_id` of one change, which every document begins with. */
  readId(place: number): string {
    const start = this.#startOf(place) + 4 + idPrefix.length;
    return this.#buffer.toString('latin1', start + 4, start + 3 + this.#buffer.readInt32LE(start));
  }

  #startOf(place: number): number {
    return place === 0 ? this.#start : (this.#ends[place - 1] as number);
  }
}
