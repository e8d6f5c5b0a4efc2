import { RowReducer } from './row-reducer.js';

/** Where the frames of a stream go. */
export interface FrameReceiver {
  /** Bytes of the protocol, as they came. */
  pass(bytes: Buffer): void;
  /** A frame of the stream that was made smaller, alone. */
  deliver(frame: Buffer): void;
  /** How many bytes of a large logical message are to be kept; what its content begins with is given. */
  limitMessage(prefix: string, head: Buffer): number;
}

/** A message of PostgreSQL's protocol begins with its type and its length, which counts itself. */
const headerBytes = 5;
const copyData = 'd'.charCodeAt(0);
/** Smaller frames are passed on as they are. */
const largeBytes = 1 << 20;
/** Of a large frame, so much is looked at before it is decided what becomes of it. */
const headBytes = 1_024;

/** In a frame's content: its type, where the data begins and ends in the log, and a time. */
const walHeaderBytes = 25;
const messageTag = 'M'.charCodeAt(0);
const rowTags: ReadonlySet<number> = new Set([...'IUD'].map((tag) => tag.charCodeAt(0)));

/**
 * Stands between a replication connection and its parser, which gathers every frame in memory whatever it is: up to a
 * gigabyte, which any role may write as a logical message or a row. Messages that nobody reads are dropped as they arrive;
 * rows that are larger than any document are reduced.
 */
export class LargeFrames {
  readonly #receiver: FrameReceiver;
  /** The beginning of a frame of which more must be seen. */
  #held: Buffer | undefined;
  /** Bytes of the frame that are still to come, and what becomes of them; without a sink they are passed on. */
  #left = 0;
  #sink: ((piece: Buffer) => void) | undefined;

  constructor(receiver: FrameReceiver) {
    this.#receiver = receiver;
  }

  /** Takes what a socket has brought. */
  receive(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = undefined;
    let passed = 0;
    let place = 0;
    const passTo = (end: number) => {
      if (end > passed) this.#receiver.pass(bytes.subarray(passed, end));
      passed = end;
    };
    while (place < bytes.length) {
      if (this.#left > 0) {
        const end = Math.min(bytes.length, place + this.#left);
        this.#left -= end - place;
        if (this.#sink !== undefined) {
          const sink = this.#sink;
          if (this.#left === 0) this.#sink = undefined;
          sink(bytes.subarray(place, end));
          passed = end;
        }
        place = end;
        continue;
      }
      const length = frameLength(bytes, place);
      if (length === undefined || (isLarge(bytes, place, length) && bytes.length - place < headBytes)) {
        passTo(place);
        this.#held = Buffer.from(bytes.subarray(place));
        return;
      }
      this.#left = length;
      if (!isLarge(bytes, place, length)) continue;
      const head = bytes.subarray(place + headerBytes, place + headBytes);
      this.#sink = this.#chooseSink(head, length - headerBytes);
      if (this.#sink === undefined) continue;
      passTo(place);
      // The sink takes the content alone.
      this.#left -= headerBytes;
      place += headerBytes;
      passed = place;
    }
    passTo(bytes.length);
  }

  /** What a large frame is read by; undefined where it is passed on as it is. */
  #chooseSink(head: Buffer, length: number): ((piece: Buffer) => void) | undefined {
    const tag = head[walHeaderBytes] as number;
    if (tag === messageTag) return this.#dropMessage(head, length);
    if (!rowTags.has(tag) || length <= RowReducer.mostBytes) return undefined;
    const reducer = new RowReducer();
    let left = length;
    return (piece) => {
      reducer.receive(piece);
      left -= piece.length;
      if (left === 0) this.#receiver.deliver(reducer.finish());
    };
  }

  #dropMessage(head: Buffer, length: number): ((piece: Buffer) => void) | undefined {
    // Flags and the position in the log come before the prefix, and its content's length after it.
    const prefixStart = walHeaderBytes + 1 + 1 + 8;
    const prefixEnd = head.indexOf(0, prefixStart);
    const contentStart = prefixEnd + 1 + 4;
    const isKnown = prefixEnd !== -1 && contentStart <= head.length;
    const prefix = isKnown ? head.toString('utf8', prefixStart, prefixEnd) : '';
    if (isKnown && this.#receiver.limitMessage(prefix, head.subarray(contentStart)) >= length)
      return undefined;
    // A message without its content; of a prefix that long, nothing is known.
    const frame = isKnown
      ? Buffer.from(head.subarray(0, contentStart))
      : Buffer.concat([head.subarray(0, prefixStart), Buffer.alloc(1 + 4)]);
    let left = length;
    return (piece) => {
      left -= piece.length;
      if (left === 0) this.#receiver.deliver(frame);
    };
  }
}

/** With its header; undefined while that is not there. */
function frameLength(bytes: Buffer, place: number): number | undefined {
  return bytes.length - place < headerBytes ? undefined : 1 + bytes.readUInt32BE(place + 1);
}

function isLarge(bytes: Buffer, place: number, length: number): boolean {
  return length > largeBytes && bytes[place] === copyData;
}
