import { InfratraqError } from '@infratraq/kernel';
import type { Readable } from 'node:stream';

/** How much is held in memory of bodies. */
export interface BodyLimits {
  /** Of all bodies that are being received and dealt with. */
  readonly bytesAtOnce: number;
  readonly bytesOfOne: number;
}

/** Reads bodies that are needed as a whole. All of them share one budget until they are released. */
export class HeldBodies {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** @throws InfratraqError `request.body-too-large`, `mail.busy` (503) when the budget is used up */
  async read(body: Readable): Promise<Buffer> {
    let counted = 0;
    try {
      return await this.#collect(body, (bytes) => {
        counted += bytes;
        this.#held += bytes;
        if (this.#held > this.#limits.bytesAtOnce) throw busy();
      });
    } catch (error) {
      this.#held -= counted;
      throw error;
    }
  }

  /** Says that a body is not needed any more. */
  release({ length }: Buffer): void {
    this.#held -= length;
  }

  async #collect(body: Readable, count: (bytes: number) => void): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    // Destroyed, the request would take the answer with it.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > this.#limits.bytesOfOne) throw tooLarge(this.#limits.bytesOfOne);
      count(chunk.length);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function busy(): InfratraqError {
  return new InfratraqError('mail.busy', 'Too much mail is being handed over at once; try again', {
    status: 503,
    retryAfterMilliseconds: 5_000,
  });
}

function tooLarge(bytes: number): InfratraqError {
  return new InfratraqError('request.body-too-large', `The body is larger than ${bytes} bytes`, {
    status: 413,
  });
}
