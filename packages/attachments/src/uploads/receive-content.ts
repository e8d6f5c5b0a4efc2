import type { ObjectStore } from '@infratraq/objects';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { checkType, tooLarge, type AttachmentLimits } from '../files/attachment-rules.js';
import { sniffContent, sniffedBytes } from '../examination/sniff-content.js';

/** Where contents are in object storage. */
export const contentPrefix = 'attachments/';

/** Content that is in object storage, complete and verified. */
export interface ReceivedContent {
  readonly object_key: string;
  readonly etag: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly content_type: string;
}

/**
 * Stores content as it arrives. Nothing of it is left when it is refused or breaks off.
 * @throws InfratraqError `attachment.too-large`, `attachment.type-refused`, `object.checksum`; InvalidInputError `attachment.empty`
 */
export async function receiveContent(
  objects: ObjectStore,
  content: Readable,
  limits: AttachmentLimits,
  announced: { sha256?: string | undefined },
): Promise<ReceivedContent> {
  const chunks = readWithin(content, limits);
  const head: Buffer[] = [];
  let headBytes = 0;
  while (headBytes < sniffedBytes) {
    const next = await chunks.next();
    if (next.done) break;
    head.push(next.value);
    headBytes += next.value.length;
  }
  try {
    const content_type = await sniffContent(Buffer.concat(head).subarray(0, sniffedBytes));
    checkType(limits, content_type);
    const id = randomUUID();
    const { key, etag, sha256, sizeBytes } = await objects.put(
      `${contentPrefix}${id.slice(0, 2)}/${id}`,
      join(head, chunks),
      {
        ifAbsent: true,
        contentType: content_type,
        ...(announced.sha256 !== undefined && { sha256: announced.sha256 }),
      },
    );
    return { object_key: key, etag, sha256: sha256 as string, size_bytes: sizeBytes, content_type };
  } finally {
    await chunks.return(undefined);
  }
}

async function* readWithin(content: Readable, limits: AttachmentLimits): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += (chunk as Buffer).length;
    if (bytes > limits.maximumBytes) throw tooLarge(limits);
    yield chunk as Buffer;
  }
}

async function* join(head: Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = head.shift(); chunk; chunk = head.shift()) yield chunk;
  yield* rest;
}
