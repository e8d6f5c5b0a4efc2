import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { contentMismatch } from './errors.js';
import type { UploadBody } from '../drivers/object-driver.js';
import type { ObjectContent, PutOptions } from './object-store.js';

/**
 * Makes content ready for a driver: small content whole, larger content as a stream; either is checked against the
 * announced size and checksum.
 * @throws InvalidInputError `object.checksum` or `object.size`; large content throws it from its stream
 */
export async function receiveBody(
  content: ObjectContent,
  announced: Pick<PutOptions, 'sha256' | 'sizeBytes' | 'signal'>,
  wholeBytes: number,
): Promise<UploadBody> {
  const chunks = readChunks(content, announced.signal);
  const head: Buffer[] = [];
  let headBytes = 0;
  while (headBytes <= wholeBytes) {
    const next = await chunks.next();
    if (next.done) return wholeBody(Buffer.concat(head), announced);
    head.push(next.value);
    headBytes += next.value.length;
  }
  return streamedBody(continueChunks(head, chunks), announced);
}

function wholeBody(whole: Buffer, announced: Pick<PutOptions, 'sha256' | 'sizeBytes'>): UploadBody {
  const result = { sha256: createHash('sha256').update(whole).digest('hex'), sizeBytes: whole.length };
  compare(result, announced);
  return { whole, stream: Readable.from([whole]), ...result, result: () => result };
}

function streamedBody(
  chunks: AsyncIterable<Buffer>,
  announced: Pick<PutOptions, 'sha256' | 'sizeBytes'>,
): UploadBody {
  let result: { sha256: string; sizeBytes: number } | undefined;
  async function* verified() {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      if (announced.sizeBytes !== undefined && sizeBytes > announced.sizeBytes)
        throw contentMismatch('size', announced.sizeBytes, `more than ${announced.sizeBytes}`);
      yield chunk;
    }
    result = { sha256: hash.digest('hex'), sizeBytes };
    compare(result, announced);
  }
  return {
    stream: Readable.from(verified(), { objectMode: false }),
    ...(announced.sha256 !== undefined && { sha256: announced.sha256 }),
    ...(announced.sizeBytes !== undefined && { sizeBytes: announced.sizeBytes }),
    result() {
      if (!result) throw new Error('The content was not read to its end');
      return result;
    },
  };
}

function compare(
  arrived: { sha256: string; sizeBytes: number },
  announced: Pick<PutOptions, 'sha256' | 'sizeBytes'>,
): void {
  if (announced.sizeBytes !== undefined && announced.sizeBytes !== arrived.sizeBytes)
    throw contentMismatch('size', announced.sizeBytes, arrived.sizeBytes);
  if (announced.sha256 !== undefined && announced.sha256 !== arrived.sha256)
    throw contentMismatch('checksum', announced.sha256, arrived.sha256);
}

async function* readChunks(content: ObjectContent, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  if (typeof content === 'string' || content instanceof Uint8Array) {
    yield bufferOf(content);
    return;
  }
  const source = content instanceof Readable ? content : Readable.from(content);
  // Only destroying the source ends a wait for its next chunk.
  const giveUp = () => source.destroy(signal?.reason as Error);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    for await (const chunk of source) yield bufferOf(chunk as Uint8Array | string);
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

async function* continueChunks(head: Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let chunk = head.shift(); chunk; chunk = head.shift()) yield chunk;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function bufferOf(chunk: Uint8Array | string): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
