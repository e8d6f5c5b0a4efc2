import { InfratraqError } from '@infratraq/kernel';
import type { SealPublisher } from './seal-ports.js';
import { writeSealFile } from './seal.js';

/** What publishing needs of an object store; `openObjects` of `@infratraq/objects` makes one. */
export interface SealObjects {
  put(key: string, content: string, options: { ifAbsent: true; contentType: string }): Promise<unknown>;
  get(key: string): Promise<{ body: AsyncIterable<Uint8Array> }>;
  list(options: {
    prefix: string;
    after: string;
    cursor?: string | undefined;
  }): Promise<{ objects: readonly { key: string }[]; nextCursor: string | null }>;
}

/** Another seal was published under this number: one of both was forged, or two databases publish to one place. */
class SealConflictError extends InfratraqError {
  constructor(sequence: number) {
    super(
      'audit.seal-conflict',
      `Another seal ${sequence} was published before; find out which is right: "infratraq audit verify"`,
      { status: 409 },
    );
  }
}

/** Publishes seals as objects `seals/000000000001.json` of a store, which are never overwritten; `url` is the store's. */
export function publishToObjects(objects: SealObjects, url: string): SealPublisher {
  const read = async (sequence: number): Promise<string | undefined> => {
    try {
      const { body } = await objects.get(keyOf(sequence));
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece);
      return Buffer.concat(pieces).toString('utf8');
    } catch (error) {
      if (hasCode(error, 'object.not-found')) return undefined;
      throw error;
    }
  };
  return {
    read,
    async listAfter(sequence, limit) {
      const found: number[] = [];
      const range = { prefix: folder, after: keyOf(sequence) };
      for (let cursor: string | null | undefined; cursor !== null && found.length < limit;) {
        const page = await objects.list({ ...range, cursor });
        for (const { key } of page.objects)
          if (keyShape.test(key)) found.push(Number.parseInt(key.slice(folder.length)));
        cursor = page.nextCursor;
      }
      return found.slice(0, limit);
    },
    uriOf: (sequence) => `${url.replace(/\?.*$/, '').replace(/\/$/, '')}/${keyOf(sequence)}`,
    async publish(seal) {
      const file = writeSealFile(seal);
      try {
        await objects.put(keyOf(seal.sequence), file, { ifAbsent: true, contentType: 'application/json' });
      } catch (error) {
        if (!hasCode(error, 'object.exists')) throw error;
        if ((await read(seal.sequence)) !== file) throw new SealConflictError(seal.sequence);
      }
    },
  };
}

const folder = 'seals/';
const keyShape = /^seals\/\d{12}\.json$/;

function keyOf(sequence: number): string {
  return `${folder}${String(sequence).padStart(12, '0')}.json`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof InfratraqError && error.code === code;
}
