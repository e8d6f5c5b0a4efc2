import { crc32 } from 'node:zlib';

/**
 * One event in a segment: length of what follows the checksum (4 bytes), CRC-32 of it (4 bytes), the length of the
 * collection's name (1 byte), the name, the document as BSON.
 */
const frameHeaderBytes = 9;
const checkedFrom = 8;
const smallestFrameBytes = frameHeaderBytes + 5;

/** Where the parts of a frame are within a buffer. */
export interface Frame {
  readonly lane: string;
  readonly documentStart: number;
  readonly end: number;
}

/** Bytes that a frame takes on disk. */
export function frameBytes(lane: Buffer, documentBytes: number): number {
  return frameHeaderBytes + lane.length + documentBytes;
}

/** Writes a frame at `offset` and answers where it ends; the buffer must have room for it. */
export function writeFrame(
  target: Buffer,
  offset: number,
  lane: Buffer,
  document: { readonly slab: Buffer; readonly start: number; readonly end: number },
): number {
  const end = offset + frameBytes(lane, document.end - document.start);
  target.writeUInt32LE(end - offset - checkedFrom, offset);
  target[offset + checkedFrom] = lane.length;
  lane.copy(target, offset + frameHeaderBytes);
  document.slab.copy(target, offset + frameHeaderBytes + lane.length, document.start, document.end);
  target.writeUInt32LE(crc32(target.subarray(offset + checkedFrom, end)), offset + 4);
  return end;
}

/** How many bytes the frame at `offset` claims to take; undefined when not even its length is there. */
export function claimedBytes(source: Buffer, offset: number): number | undefined {
  return offset + 4 > source.length ? undefined : checkedFrom + source.readUInt32LE(offset);
}

/** Reads the frame at `offset`; undefined when it is cut off, damaged, or no frame at all. */
export function readFrame(source: Buffer, offset: number): Frame | undefined {
  const claimed = claimedBytes(source, offset);
  if (claimed === undefined || claimed < smallestFrameBytes || offset + claimed > source.length)
    return undefined;
  const end = offset + claimed;
  if (crc32(source.subarray(offset + checkedFrom, end)) !== source.readUInt32LE(offset + 4)) return undefined;
  const documentStart = offset + frameHeaderBytes + (source[offset + checkedFrom] ?? 0);
  if (documentStart + 5 > end) return undefined;
  return { lane: source.toString('utf8', offset + frameHeaderBytes, documentStart), documentStart, end };
}
