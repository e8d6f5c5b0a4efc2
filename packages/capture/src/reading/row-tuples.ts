import { createHash } from 'node:crypto';
import type { OldTuple } from '../pgoutput/messages.js';
import { nullStart, unchangedStart, type WireTuple } from '../pgoutput/wire-tuple.js';
import type { CapturedTable } from './captured-table.js';

/** The row before as far as it was sent: of one that is only a key, the other columns are unknown, not null. */
export function readOldTuple(table: CapturedTable, { kind, values }: OldTuple): WireTuple {
  if (kind === 'key')
    for (let index = 0; index < values.length; index += 1)
      if (table.columns[index]?.identity !== true) values.starts[index] = unchangedStart;
  return values;
}

/** Takes what the server left out of the row after as unchanged from the row before, which has come with it. */
export function completeTuple(before: WireTuple, after: WireTuple): void {
  for (let index = 0; index < after.length; index += 1)
    if (after.starts[index] === unchangedStart && index < before.length) after.takeValue(index, before);
}

/**
 * Names the row: its key, or where it has none (or none was sent) a hash of all its values. What the row before
 * leaves out of the key did not change, so it may come from the row after.
 */
export function identifyRow(
  { keyIndexes, columns }: CapturedTable,
  before: WireTuple,
  after: WireTuple = before,
): string {
  const key: string[] = [];
  for (const index of keyIndexes) {
    const tuple = before.hasText(index) ? before : after;
    if (tuple.hasText(index)) key.push(tuple.readText(index));
  }
  if (key.length === 0 || key.length < keyIndexes.length) return hashTuple(before, columns.length);
  return key.length === 1 ? (key[0] as string) : JSON.stringify(key);
}

/** Why nothing is known of a table's rows after a change whose row the log does not name. */
export const unknownKeyReason =
  'a row was changed whose key before is not in the log (replica identity without the key)';

/**
 * Whether the log tells the key that a row had before an update or a deletion: by what was sent of it, or because the
 * identity has not changed and the key is part of it.
 */
export function tellsKey({ keyIndexes, columns }: CapturedTable, before: WireTuple | undefined): boolean {
  for (const index of keyIndexes)
    if (before === undefined ? columns[index]?.identity !== true : !before.isSent(index)) return false;
  return true;
}

/** Whether an update has changed the key, as far as the row before tells it. */
export function hasMoved({ keyIndexes }: CapturedTable, before: WireTuple, after: WireTuple): boolean {
  for (const index of keyIndexes)
    if (before.hasText(index) && after.hasText(index) && !before.hasSame(index, after)) return true;
  return false;
}

function hashTuple(tuple: WireTuple, length: number): string {
  const hash = createHash('sha256');
  for (let index = 0; index < length; index += 1) {
    const [start, end] = [tuple.starts[index] ?? nullStart, tuple.ends[index]];
    // The length keeps neighbouring values apart, and null from an empty text.
    hash.update(tuple.hasText(index) ? `${(end as number) - start}:` : '-');
    hash.update(tuple.omitted.get(index)?.omitted_sha256 ?? '');
    if (tuple.hasText(index)) hash.update(tuple.bytes.subarray(start, end));
  }
  return `row:${hash.digest('hex').slice(0, 32)}`;
}
