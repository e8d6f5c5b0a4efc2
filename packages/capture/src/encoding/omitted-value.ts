import { createHash, type Hash } from 'node:crypto';
import { type BsonBuffer, elementType, encodeElements, encodeName } from './bson-buffer.js';

/** What stands in a document for a value that did not fit. */
export interface OmittedValue {
  /** Size of the value as BSON, in bytes. */
  omitted_bytes: number;
  /**
   * SHA-256 of the value as BSON (`{ value }`), in hexadecimal; of one that was too large to be read, of its text. Equal
   * values have equal digests.
   */
  omitted_sha256: string;
}

const valueName = encodeName('value');
/** What a document has besides, that holds a value alone. */
export const wrapperBytes = 4 + 1 + valueName.length + 1;

/** Says of a value in BSON what stands for it; the bytes may be many. */
export function describeOmitted(type: number, value: Uint8Array): OmittedValue {
  const hash = beginHash(type, value.length).update(value).update(Buffer.of(0));
  return { omitted_bytes: value.length + wrapperBytes, omitted_sha256: hash.digest('hex') };
}

/** The same of a text that comes in pieces and never stands in memory. */
export class OmittedText {
  readonly #valueBytes: number;
  readonly #hash: Hash;

  constructor(textBytes: number) {
    this.#valueBytes = 4 + textBytes + 1;
    const length = Buffer.alloc(4);
    length.writeInt32LE(textBytes + 1);
    this.#hash = beginHash(elementType.text, this.#valueBytes).update(length);
  }

  update(piece: Uint8Array): void {
    this.#hash.update(piece);
  }

  describe(): OmittedValue {
    // The text's own end, and the document's.
    const hash = this.#hash.update(Buffer.of(0, 0));
    return { omitted_bytes: this.#valueBytes + wrapperBytes, omitted_sha256: hash.digest('hex') };
  }
}

/** Begins the hash of a document that holds a value of so many bytes; the value and the document's end are to follow. */
function beginHash(type: number, valueBytes: number): Hash {
  const wrapper = Buffer.alloc(wrapperBytes - 1);
  wrapper.writeInt32LE(valueBytes + wrapperBytes);
  wrapper[4] = type;
  valueName.copy(wrapper, 5);
  return createHash('sha256').update(wrapper);
}

/** More than an element takes that stands for a value, besides its name. */
const mostOmittedBytes = 160;

/** Writes what stands for a value that did not fit. */
export function encodeOmitted(target: BsonBuffer, name: Uint8Array, omitted: OmittedValue): void {
  const fields = encodeElements({ ...omitted });
  target.reserve(name.length + mostOmittedBytes);
  target.element(elementType.document, name);
  const document = target.begin();
  target.copy(fields, 0, fields.length);
  target.end(document);
}
