import { InfratraqError } from '@infratraq/kernel';
import type { ObjectHead } from '@infratraq/objects';

/** Where the pieces of unfinished uploads are in object storage. */
export const uploadsPrefix = 'uploads/';

/** Where the pieces of one upload are. */
export function partsPrefix(uploadId: string): string {
  return `${uploadsPrefix}${uploadId}/`;
}

/** Where one piece is: its offset, so that pieces are listed in order, and its length. */
export function partKey(uploadId: string, offset: number, bytes: number): string {
  return `${partsPrefix(uploadId)}${String(offset).padStart(16, '0')}-${bytes}`;
}

/**
 * Finds the pieces that make up an upload, in order. Two writers at one offset may have left a piece that leads nowhere.
 * @throws InfratraqError `attachment.upload-damaged` when pieces are missing
 */
export function chainParts(parts: readonly ObjectHead[], sizeBytes: number): ObjectHead[] {
  const leadsOn = new Map<number, ObjectHead>();
  const reached = new Set([sizeBytes]);
  // From the end on: a piece counts only if the rest of the upload follows it.
  for (const part of [...parts].reverse()) {
    const offset = Number(/(\d{16})-\d+$/.exec(part.key)?.[1]);
    if (part.sizeBytes === 0 || !reached.has(offset + part.sizeBytes)) continue;
    leadsOn.set(offset, part);
    reached.add(offset);
  }
  const chain: ObjectHead[] = [];
  for (let offset = 0; offset < sizeBytes;) {
    const part = leadsOn.get(offset);
    if (!part)
      throw new InfratraqError(
        'attachment.upload-damaged',
        `The upload lacks bytes from ${offset} on; begin it anew`,
      );
    chain.push(part);
    offset += part.sizeBytes;
  }
  return chain;
}
