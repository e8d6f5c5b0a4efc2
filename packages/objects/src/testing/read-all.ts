import type { StoredObject } from '../store/object-store.js';

/** Reads an object to its end. */
export async function readAll({ body }: Pick<StoredObject, 'body'>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
