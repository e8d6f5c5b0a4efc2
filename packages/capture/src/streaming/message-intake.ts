import { Ends } from '../encoding/ends.js';

const walFrame = 'w'.charCodeAt(0);
const keepaliveFrame = 'k'.charCodeAt(0);
/** Positions and time precede a message in its frame. */
const messageOffset = 25;
/** What a socket brings at a time. */
const initialKeptBytes = 64 << 10;
const mostKeptBytes = 1 << 20;

/** Reads what has arrived. A returned promise delays the next message. */
export interface MessageReader {
  /** The pgoutput message in `frame` from `offset` on. The frame must not be used after the call. */
  readMessage(frame: Buffer, offset: number): Promise<void> | undefined;
  /** Everything before `endLsn` has been sent. */
  readKeepalive(endLsn: bigint): void;
  /** Everything that has arrived was read. */
  onDrained(): void;
}

/** The stream that is read: it can be paused and answered. */
interface HeldStream {
  pause(): void;
  resume(): void;
  sendStatus(): void;
}

/**
 * Passes frames to a reader as they arrive, without copying them. While the reader waits, the stream is paused, and
 * frames that have arrived already are copied and kept.
 */
export class MessageIntake {
  readonly #stream: HeldStream;
  readonly #reader: MessageReader;
  readonly #kept = new KeptFrames();
  #waiting = false;
  #holding: Promise<void> | undefined;
  #drainDue = false;
  #over: { error: Error | undefined } | undefined;
  #finish: (over: { error: Error | undefined }) => void = () => undefined;
  readonly #finished = new Promise<{ error: Error | undefined }>((resolve) => (this.#finish = resolve));

  constructor(stream: HeldStream, reader: MessageReader) {
    this.#stream = stream;
    this.#reader = reader;
  }

  receive(frame: Buffer): void {
    if (this.#over !== undefined) return;
    // A server that asks for an answer wants it at once, however much there is to be read before.
    if (frame[0] === keepaliveFrame && frame[17] === 1) this.#stream.sendStatus();
    if (this.#waiting) {
      this.#kept.add(frame);
      return;
    }
    try {
      const wait = this.#read(frame);
      if (wait !== undefined) this.#holding = this.#hold(wait);
    } catch (error) {
      this.end(error as Error);
    }
  }

  /** Ends reading. Frames that are still kept are dropped; the server sends them again. */
  end(error: Error | undefined): void {
    this.#over ??= { error };
    this.#finish(this.#over);
  }

  /** Resolves once all that has arrived was read. Only after the connection has ended. */
  async drained(): Promise<void> {
    for (let holding: Promise<void> | undefined; holding !== this.#holding;) {
      holding = this.#holding;
      await holding;
    }
  }

  /** Resolves at the end of the stream, once the last frame was read; rejects with the error that ended it. */
  async done(): Promise<void> {
    const { error } = await this.#finished;
    await this.#holding;
    if (error !== undefined) throw error;
  }

  #read(frame: Buffer): Promise<void> | undefined {
    if (!this.#drainDue) {
      this.#drainDue = true;
      // After all that the socket has brought by now.
      setImmediate(() => {
        this.#drainDue = false;
        if (this.#over === undefined && !this.#waiting) this.#reader.onDrained();
      });
    }
    if (frame[0] === walFrame) return this.#reader.readMessage(frame, messageOffset);
    if (frame[0] === keepaliveFrame) this.#reader.readKeepalive(frame.readBigUInt64BE(1));
    return undefined;
  }

  async #hold(wait: Promise<void>): Promise<void> {
    this.#waiting = true;
    this.#stream.pause();
    try {
      await wait;
      // More is pushed meanwhile.
      for (let place = 0; place < this.#kept.count && this.#over === undefined; place += 1)
        await this.#read(this.#kept.at(place));
    } catch (error) {
      this.end(error as Error);
    }
    this.#kept.clear();
    this.#waiting = false;
    if (this.#over === undefined) {
      this.#stream.resume();
      this.#reader.onDrained();
    }
  }
}

/** Copies of frames, because the parser reuses its buffer. The copies reuse one buffer too: large loads wait often. */
class KeptFrames {
  #bytes = Buffer.allocUnsafeSlow(initialKeptBytes);
  readonly #ends = new Ends();

  get count(): number {
    return this.#ends.length;
  }

  at(place: number): Buffer {
    return this.#bytes.subarray(this.#ends.at(place - 1), this.#ends.at(place));
  }

  add(frame: Buffer): void {
    const start = this.#ends.last();
    const end = start + frame.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    frame.copy(this.#bytes, start);
    this.#ends.push(end);
  }

  clear(): void {
    this.#ends.clear();
    // What had to grow for large rows is given back.
    if (this.#bytes.length > mostKeptBytes) this.#bytes = Buffer.allocUnsafeSlow(initialKeptBytes);
  }
}
