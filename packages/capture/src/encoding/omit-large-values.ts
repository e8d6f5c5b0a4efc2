import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import type { Change, RowValue } from './change.js';
import { makeRoomForValue } from './bson-buffer.js';

/** What stands in a document for a value that did not fit. */
export interface OmittedValue {
  /** Size of the value as BSON, in bytes. */
  omitted_bytes: number;
  /** SHA-256 of the value as BSON, in hexadecimal: equal values have equal digests. */
  omitted_sha256: string;
}

/** A document may have 16 MiB; what is left over is for the fields besides the rows. */
const mostRowBytes = 15 * 1024 * 1024;

/**
 * Leaves the largest values out of a change that is larger than a document may be, the largest first, and names their
 * columns in `omitted_fields`; answers undefined when there is nothing to leave out.
 */
export function omitLargeValues(change: Change): Change | undefined {
  const sizes = [change.old_value, change.new_value].flatMap((row) =>
    Object.entries(row ?? {}).map(([field, value]) => ({
      field,
      bytes: mongo.BSON.calculateObjectSize({ value }),
    })),
  );
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const omitted = new Set(change.omitted_fields);
  for (const { field } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (total <= mostRowBytes) break;
    if (omitted.has(field)) continue;
    omitted.add(field);
    total -= sizes.reduce((sum, one) => (one.field === field ? sum + one.bytes : sum), 0);
  }
  if (omitted.size === (change.omitted_fields?.length ?? 0)) return undefined;
  return {
    ...change,
    old_value: omit(change.old_value, omitted),
    new_value: omit(change.new_value, omitted),
    omitted_fields: [...omitted],
  };
}

function omit(row: RowValue | null, fields: ReadonlySet<string>): RowValue | null {
  if (row === null) return null;
  return Object.fromEntries(
    Object.entries(row).map(([field, value]) => [field, fields.has(field) ? describe(value) : value]),
  );
}

function describe(value: unknown): OmittedValue | null {
  if (value === null) return null;
  const bytes = encode(value);
  return { omitted_bytes: bytes.length, omitted_sha256: createHash('sha256').update(bytes).digest('hex') };
}

function encode(value: unknown): Uint8Array {
  makeRoomForValue(value);
  return mongo.BSON.serialize({ value });
}
