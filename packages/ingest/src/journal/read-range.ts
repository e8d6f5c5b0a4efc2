import { closeSync, openSync, readSync } from 'node:fs';
import type { RecordedEvent } from '../queue/recorded-event.js';
import { claimedBytes, readFrame } from './frame.js';
import type { SegmentRange } from './segment.js';

const chunkBytes = 1024 * 1024;

/**
 * Reads the first events of a range, about a megabyte of them, and advances the range; an empty answer while the range
 * still counts events means that the file does not hold them any more.
 */
export function readRange(range: SegmentRange, lane: string): RecordedEvent[] {
  const chunk = readChunk(range);
  const recordedAt = Date.now();
  const events: RecordedEvent[] = [];
  let offset = 0;
  for (let frame = readFrame(chunk, 0); frame; frame = readFrame(chunk, offset)) {
    offset = frame.end;
    if (frame.lane === lane)
      events.push({
        slab: chunk,
        start: frame.documentStart,
        end: frame.end,
        recordedAt,
        segment: range.segment,
        isSettled: false,
      });
    if (offset >= chunk.length) break;
  }
  range.from += offset;
  range.count -= events.length;
  // A stretch of other lanes' frames only; what is wanted comes after it.
  return events.length === 0 && offset > 0 && range.count > 0 ? readRange(range, lane) : events;
}

function readChunk({ segment, from, to }: SegmentRange): Buffer {
  const file = openSync(segment.path, 'r');
  try {
    const chunk = readBytes(file, from, Math.min(to - from, chunkBytes));
    const claimed = claimedBytes(chunk, 0) ?? 0;
    return claimed > chunk.length && claimed <= to - from ? readBytes(file, from, claimed) : chunk;
  } finally {
    closeSync(file);
  }
}

function readBytes(file: number, from: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length);
  let read = 0;
  while (read < length) {
    const count = readSync(file, buffer, read, length - read, from + read);
    if (count === 0) break;
    read += count;
  }
  return buffer.subarray(0, read);
}
