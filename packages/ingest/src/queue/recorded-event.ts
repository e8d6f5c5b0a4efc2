import { mongo } from 'mongoose';
import type { Segment } from '../journal/segment.js';

/** An event on its way: its document as BSON within a slab that it shares with others, and where it is on disk. */
export interface RecordedEvent {
  readonly slab: Buffer;
  readonly start: number;
  readonly end: number;
  /** Milliseconds since the epoch; for one read back from disk, when it was read. */
  readonly recordedAt: number;
  /** The journal's segment that holds it, if one does. */
  segment: Segment | undefined;
  /** Stored, or never going to be. */
  isSettled: boolean;
}

// What an event takes in memory besides its bytes.
const overheadBytes = 80;

/** What an event counts for in the byte budget. */
export function memoryBytes({ start, end }: RecordedEvent): number {
  return end - start + overheadBytes;
}

export function readDocument({ slab, start, end }: RecordedEvent): mongo.Document {
  return mongo.BSON.deserialize(slab.subarray(start, end));
}
