import type { Readable, Writable } from 'node:stream';
import { nextEvent } from './next-event.js';

const lengthBytes = 4;

/**
 * Writes a frame: a length of four bytes, then the content. An empty frame ends a series. What becomes of a broken
 * stream is told by its owner.
 */
export async function writeFrame(to: Writable, content: Uint8Array): Promise<void> {
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32LE(content.length);
  to.write(length);
  if (content.length > 0 && !to.write(content) && !to.destroyed) await nextEvent(to, ['drain', 'close']);
}

/** Reads a stream by numbers of bytes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(from: Readable) {
    this.#chunks = from.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  /** Exactly so many bytes. @throws Error when the stream ends before */
  async take(size: number): Promise<Buffer> {
    const taken = Buffer.allocUnsafe(size);
    for (let at = 0; at < size;) at += (await this.#takeSome(size - at)).copy(taken, at);
    return taken;
  }

  /** Length of the next frame. */
  async takeLength(): Promise<number> {
    return (await this.take(lengthBytes)).readUInt32LE();
  }

  /** Content of frames up to the empty one, in pieces as they come. */
  async *takeFrames(): AsyncGenerator<Buffer> {
    for (let left = await this.takeLength(); left > 0; left = await this.takeLength())
      while (left > 0) {
        const piece = await this.#takeSome(left);
        left -= piece.length;
        yield piece;
      }
  }

  /** Some of the next bytes, as they lie in memory. */
  async #takeSome(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) throw new Error('The stream ended within a frame');
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(most);
    return taken;
  }
}
