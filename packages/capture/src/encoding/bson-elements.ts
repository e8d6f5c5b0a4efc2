/** An element of a BSON document: where it begins, its value, and where both end. */
export interface BsonElement {
  type: number;
  name: string;
  start: number;
  valueStart: number;
  end: number;
}

/** Bytes of the values whose types have one length. */
const fixedLengths: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
};

/** What a value's length, which it begins with, does not count: of a text and its like, of a document, of bytes. */
const uncountedLengths: Readonly<Record<number, number>> = {
  0x02: 4,
  0x03: 0,
  0x04: 0,
  0x05: 5,
  0x0d: 4,
  0x0e: 4,
};

/**
 * Lists the elements of the document that begins at `start`, without reading their values.
 * @throws RangeError for an element of a type that capture never writes
 */
export function listElements(bytes: Buffer, start: number): BsonElement[] {
  const elements: BsonElement[] = [];
  const last = start + bytes.readInt32LE(start) - 1;
  for (let place = start + 4; place < last; place = (elements.at(-1) as BsonElement).end) {
    const type = bytes[place] as number;
    const nameEnd = bytes.indexOf(0, place + 1);
    const valueStart = nameEnd + 1;
    const name = bytes.toString('utf8', place + 1, nameEnd);
    elements.push({
      type,
      name,
      start: place,
      valueStart,
      end: valueStart + lengthOf(bytes, type, valueStart),
    });
  }
  return elements;
}

function lengthOf(bytes: Buffer, type: number, valueStart: number): number {
  const fixed = fixedLengths[type];
  if (fixed !== undefined) return fixed;
  const uncounted = uncountedLengths[type];
  if (uncounted === undefined) throw new RangeError(`A BSON element of type ${type} has no known length`);
  return bytes.readInt32LE(valueStart) + uncounted;
}
