import { isUtf8 } from 'node:buffer';
import { mongo } from 'mongoose';

/** Below this, a loop is faster than a call that copies. */
const smallBytes = 48;
/** BSON's own buffer has room for one document and no more; it is told of values that may be larger. */
const largeTextBytes = 4 << 20;

/**
 * Items and members that the values of one document may have in all. More of them would cost seconds, and far more memory
 * than their bytes, wherever the document is read.
 */
const mostParts = 100_000;

/** The types of BSON elements that are written here. */
export const elementType = {
  double: 0x01,
  text: 0x02,
  document: 0x03,
  list: 0x04,
  binary: 0x05,
  boolean: 0x08,
  instant: 0x09,
  null: 0x0a,
  integer: 0x10,
  long: 0x12,
  decimal: 0x13,
} as const;

/** A field's name as an element has it: in UTF-8, with the null byte that ends it. */
export function encodeName(name: string): Buffer {
  return Buffer.from(`${name}\0`);
}

/** Some fields as the elements of a document that is still to be written. */
export function encodeElements(fields: mongo.Document): Buffer {
  return Buffer.from(mongo.BSON.serialize(fields).subarray(4, -1));
}

/** Bytes that grow while BSON is written into them. Writers reserve room first, but for `end` and `value`. */
export class BsonBuffer {
  bytes: Buffer;
  offset = 0;
  #partsLeft = mostParts;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    const needed = this.offset + count;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.offset);
    this.bytes = larger;
  }

  /** Whether the document may have so many parts more; they are taken off what is left. */
  takeParts(count: number): boolean {
    if (count > this.#partsLeft) return false;
    this.#partsLeft -= count;
    return true;
  }

  /** Begins a document that stands alone, at this offset. */
  restart(offset: number): void {
    this.offset = offset;
    this.#partsLeft = mostParts;
  }

  /** Begins a document; `end` is given what it answers. */
  begin(): number {
    const start = this.offset;
    this.offset += 4;
    return start;
  }

  end(start: number): void {
    this.reserve(1);
    this.bytes[this.offset] = 0;
    this.offset += 1;
    this.#int32At(start, this.offset - start);
  }

  element(type: number, name: Uint8Array): void {
    this.bytes[this.offset] = type;
    this.offset += 1;
    this.copy(name, 0, name.length);
  }

  copy(source: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    const length = end - start;
    if (length <= smallBytes) {
      for (let from = start, to = this.offset; from < end; from += 1, to += 1)
        bytes[to] = source[from] as number;
    } else bytes.set(source.subarray(start, end), this.offset);
    this.offset += length;
  }

  int32(value: number): void {
    this.#int32At(this.offset, value);
    this.offset += 4;
  }

  /** A whole number that a double holds exactly, as 64 bits. */
  int64(value: number): void {
    this.int32(value | 0);
    this.int32(Math.floor(value / 2 ** 32));
  }

  double(value: number): void {
    this.bytes.writeDoubleLE(value, this.offset);
    this.offset += 8;
  }

  /** The content of a text element. Invalid UTF-8, which a database without an encoding may hold, is made valid. */
  text(source: Buffer, start: number, end: number): void {
    const lengthAt = this.offset;
    this.offset += 4;
    const contentAt = this.offset;
    this.copy(source, start, end);
    if (!this.#isValidText(contentAt)) {
      const valid = Buffer.from(source.toString('utf8', start, end));
      this.offset = contentAt;
      this.reserve(valid.length + 1);
      this.copy(valid, 0, valid.length);
    }
    this.bytes[this.offset] = 0;
    this.offset += 1;
    this.#int32At(lengthAt, this.offset - contentAt);
  }

  /** An element with any value that the driver can serialise. */
  value(name: Uint8Array, value: unknown, textBytes = 0): void {
    if (textBytes > largeTextBytes) makeRoomForValue(value);
    // First behind the place of the name, as `{ v: value }`: its length, type and name take seven bytes.
    const last = this.#serialise({ v: value }, this.offset + name.length, Math.max(256, 4 * textBytes));
    const wrapperAt = this.offset + name.length;
    this.element(this.bytes[wrapperAt + 4] as number, name);
    this.bytes.copyWithin(this.offset, wrapperAt + 7, last);
    this.offset += last - wrapperAt - 7;
  }

  /** Answers where the document's last byte is. */
  #serialise(document: mongo.Document, index: number, likelyRoom: number): number {
    for (let room = likelyRoom; ; room *= 8) {
      this.reserve(index - this.offset + room);
      try {
        return mongo.BSON.serializeWithBufferAndIndex(document, this.bytes, { index });
      } catch (error) {
        // No room for it. By name, because several realms may be at work.
        if ((error as Error).name !== 'RangeError' || room > 2 ** 31) throw error;
      }
    }
  }

  #isValidText(start: number): boolean {
    if (this.offset - start > smallBytes) return isUtf8(this.bytes.subarray(start, this.offset));
    let seen = 0;
    for (let place = start; place < this.offset; place += 1) seen |= this.bytes[place] as number;
    return seen < 0x80 || isUtf8(this.bytes.subarray(start, this.offset));
  }

  #int32At(place: number, value: number): void {
    const { bytes } = this;
    bytes[place] = value;
    bytes[place + 1] = value >> 8;
    bytes[place + 2] = value >> 16;
    bytes[place + 3] = value >> 24;
  }
}

/** What does not fit into BSON's own buffer would be cut off in silence. */
export function makeRoomForValue(value: unknown): void {
  mongo.BSON.setInternalBufferSize(mongo.BSON.calculateObjectSize({ value }));
}
