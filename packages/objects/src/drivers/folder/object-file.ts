import { randomUUID } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { objectCorrupted } from '../../store/errors.js';
import type { ObjectAttributes, UploadBody } from '../object-driver.js';
import type { ObjectDetails } from '../../store/object-store.js';

// An object is one file, so that content and details become visible together:
// content, details as JSON, length of the details (4 bytes), this mark.
const mark = Buffer.from('ITOBJ001', 'ascii');
const trailerBytes = 4 + mark.length;
const maximumDetailsBytes = 64 * 1024;

/** Writes a new file with content and details, down to the disk. */
export async function writeObjectFile(
  path: string,
  key: string,
  body: UploadBody,
  attributes: ObjectAttributes,
): Promise<ObjectDetails> {
  const file = await open(path, 'wx');
  try {
    for await (const chunk of body.stream) await file.appendFile(chunk as Buffer);
    const details = { key, ...body.result(), etag: randomUUID(), modifiedAt: new Date(), ...attributes };
    const json = Buffer.from(JSON.stringify(details));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(json.length);
    await file.appendFile(Buffer.concat([json, length, mark]));
    await file.sync();
    return details;
  } finally {
    await file.close();
  }
}

/**
 * Opens an object's file and reads its details; undefined when there is none. The caller closes the file.
 * @throws InfratraqError `object.corrupted`
 */
export async function openObjectFile(
  path: string,
  key: string,
): Promise<{ file: FileHandle; details: ObjectDetails } | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    return { file, details: await readDetails(file, key) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readDetails(file: FileHandle, key: string): Promise<ObjectDetails> {
  const { size } = await file.stat();
  const trailer = await readAt(file, Math.max(0, size - trailerBytes), Math.min(size, trailerBytes));
  const detailsBytes = trailer.length === trailerBytes ? trailer.readUInt32BE(0) : -1;
  const sizeBytes = size - trailerBytes - detailsBytes;
  if (
    !trailer.subarray(4).equals(mark) ||
    detailsBytes < 2 ||
    detailsBytes > maximumDetailsBytes ||
    sizeBytes < 0
  )
    throw objectCorrupted(key, 'the end of its file is missing');
  const json = (await readAt(file, sizeBytes, detailsBytes)).toString();
  let details: ObjectDetails;
  try {
    const parsed = JSON.parse(json) as ObjectDetails;
    details = { ...parsed, modifiedAt: new Date(parsed.modifiedAt) };
  } catch (cause) {
    throw objectCorrupted(key, 'its details are unreadable', cause);
  }
  if (details.key !== key || details.sizeBytes !== sizeBytes)
    throw objectCorrupted(key, 'its details belong to another file');
  return details;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
