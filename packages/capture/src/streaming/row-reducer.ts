import { OmittedText } from '../encoding/omitted-value.js';
import { writeOmitted } from '../pgoutput/decode-message.js';

const walHeaderBytes = 25;
/** The tag, and the table's OID. */
const rowHeaderBytes = 1 + 4;
const textValue = 't'.charCodeAt(0);
const updateTag = 'U'.charCodeAt(0);
const newRow = 'N'.charCodeAt(0);
/** Shorter values are always kept: even those of all columns are few bytes. */
const smallBytes = 1_024;

/**
 * Reads the frame of a row's change piece by piece, as it arrives, and keeps as many bytes of it as can be of use: a
 * document has 16 MiB, and bytes are written with two digits each. Of values beyond that, sizes and digests are kept.
 */
export class RowReducer {
  /** What is kept of a frame, apart from small values. Which values go depends on the row alone. */
  static readonly mostBytes = 32 << 20;

  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  /** Bytes that the next step needs at once, and those that are there. */
  #needed = walHeaderBytes + rowHeaderBytes;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #step: (bytes: Buffer) => void = (bytes) => this.#readHeader(bytes);
  #isUpdate = false;
  #columnsLeft = 0;
  /** The value that is being read. */
  #valueLeft = 0;
  #omitted: OmittedText | undefined;

  receive(piece: Buffer): void {
    for (let place = 0; place < piece.length;) {
      if (this.#valueLeft > 0) {
        const end = Math.min(piece.length, place + this.#valueLeft);
        this.#takeValue(piece.subarray(place, end));
        place = end;
        continue;
      }
      const end = Math.min(piece.length, place + this.#needed - this.#pendingBytes);
      this.#pending.push(piece.subarray(place, end));
      this.#pendingBytes += end - place;
      place = end;
      if (this.#pendingBytes < this.#needed) return;
      const bytes = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#step(bytes);
    }
  }

  /** The frame with what was kept. */
  finish(): Buffer {
    return Buffer.concat(this.#kept);
  }

  #keep(bytes: Buffer): void {
    // A copy, for a small piece would hold all that came with it.
    this.#kept.push(bytes.length <= smallBytes ? Buffer.from(bytes) : bytes);
    this.#keptBytes += bytes.length;
  }

  #await(count: number, step: (bytes: Buffer) => void): void {
    this.#needed = count;
    this.#step = step;
  }

  #readHeader(bytes: Buffer): void {
    this.#keep(bytes);
    this.#isUpdate = bytes[walHeaderBytes] === updateTag;
    this.#await(3, (next) => this.#readTuple(next));
  }

  /** Which row it is, and how many columns it has. */
  #readTuple(bytes: Buffer): void {
    this.#keep(bytes);
    this.#columnsLeft = bytes.readInt16BE(1);
    // The row after follows the row before.
    if (bytes[0] === newRow) this.#isUpdate = false;
    this.#nextColumn();
  }

  #nextColumn(): void {
    if (this.#columnsLeft > 0) {
      this.#columnsLeft -= 1;
      this.#await(1, (kind) => this.#readKind(kind));
    } else if (this.#isUpdate) this.#await(3, (next) => this.#readTuple(next));
    else this.#await(Infinity, () => undefined);
  }

  #readKind(kind: Buffer): void {
    if (kind[0] === textValue) return this.#await(4, (length) => this.#readLength(length));
    this.#keep(kind);
    this.#nextColumn();
  }

  #readLength(length: Buffer): void {
    this.#valueLeft = length.readInt32BE(0);
    if (this.#valueLeft > smallBytes && this.#keptBytes + this.#valueLeft > RowReducer.mostBytes) {
      this.#omitted = new OmittedText(this.#valueLeft);
      return;
    }
    this.#keep(Buffer.of(textValue));
    this.#keep(length);
    if (this.#valueLeft === 0) this.#nextColumn();
  }

  #takeValue(piece: Buffer): void {
    this.#valueLeft -= piece.length;
    if (this.#omitted === undefined) this.#keep(piece);
    else this.#omitted.update(piece);
    if (this.#valueLeft > 0) return;
    if (this.#omitted !== undefined) this.#keep(writeOmitted(this.#omitted.describe()));
    this.#omitted = undefined;
    this.#nextColumn();
  }
}
