import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readFrame } from './frame.js';

/** One file of a journal. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Bytes that hold whole frames, the file's own mark included. */
  bytes: number;
  /** Frames whose events are not settled yet. */
  pending: number;
  /** Some of its content could not be read; the file is kept aside when all else is settled. */
  damaged: boolean;
}

/** Consecutive frames of one lane in one segment, those of other lanes between them. */
export interface SegmentRange {
  readonly segment: Segment;
  from: number;
  to: number;
  count: number;
}

/** What opening a segment found in it. */
export interface ScannedSegment {
  readonly segment: Segment;
  readonly ranges: ReadonlyMap<string, SegmentRange>;
  /** Bytes behind the last whole frame. */
  readonly unreadableBytes: number;
}

/** Stands at the start of every segment. */
export const segmentMark = Buffer.from('ITQJRNL1');
const extension = '.journal';

/** Lists the segments of a folder, oldest first. */
export function listSegments(folder: string): { number: number; path: string }[] {
  return readdirSync(folder)
    .filter((name) => /^\d{16}\.journal$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 16)), path: join(folder, name) }));
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(16, '0')}${extension}`);
}

/** Makes an empty segment whose name survives a power loss as surely as its content. */
export function createSegment(folder: string, number: number): { segment: Segment; file: number } {
  const path = segmentPath(folder, number);
  const file = openSync(path, 'wx+', 0o600);
  try {
    writeAll(file, segmentMark, segmentMark.length, 0);
    syncFolder(folder);
  } catch (error) {
    closeSync(file);
    unlinkSync(path);
    throw error;
  }
  return { segment: { number, path, bytes: segmentMark.length, pending: 0, damaged: false }, file };
}

/** Reads a segment up to the first frame that is not whole. */
export function scanSegment({ number, path }: { number: number; path: string }): ScannedSegment {
  const content = readFileSync(path);
  const isOurs = content.subarray(0, segmentMark.length).equals(segmentMark);
  const segment: Segment = { number, path, bytes: 0, pending: 0, damaged: false };
  const ranges = new Map<string, SegmentRange>();
  let offset = isOurs ? segmentMark.length : 0;
  for (let frame = isOurs && readFrame(content, offset); frame; frame = readFrame(content, offset)) {
    const range = ranges.get(frame.lane);
    if (range) Object.assign(range, { to: frame.end, count: range.count + 1 });
    else ranges.set(frame.lane, { segment, from: offset, to: frame.end, count: 1 });
    segment.pending += 1;
    offset = frame.end;
  }
  segment.bytes = offset;
  return { segment, ranges, unreadableBytes: content.length - offset };
}

/** Writes all of it, which one call need not do when a disk is nearly full. */
export function writeAll(file: number, buffer: Buffer, length: number, position: number): void {
  for (let written = 0; written < length;)
    written += writeSync(file, buffer, written, length - written, position + written);
}

export function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
