import { renameSync } from 'node:fs';
import { listSegments, segmentPath, syncFolder } from './segment.js';

/**
 * Moves the segments of an abandoned journal to another, before what that one will write; both folders must be on one
 * file system. Answers how many it moved.
 */
export function adoptSegments(from: string, into: string): number {
  const abandoned = listSegments(from);
  if (abandoned.length === 0) return 0;
  const next = (listSegments(into).at(-1)?.number ?? 0) + 1;
  for (const [place, { path }] of abandoned.entries()) renameSync(path, segmentPath(into, next + place));
  syncFolder(into);
  return abandoned.length;
}
