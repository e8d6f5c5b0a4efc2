import { mongo } from 'mongoose';
import type { StoredChange } from './log-order.js';

/** A row by its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A row as far as some changes tell it. */
export interface KnownRow {
  readonly row: Row;
  /** Columns that the row has and whose values no change tells. */
  readonly unknown: ReadonlySet<string>;
  /** Columns whose values were too large to be stored; the row holds their sizes and digests. */
  readonly omitted: ReadonlySet<string>;
  /** Columns whose values are those of the row before, by the names that they had there. */
  readonly pending: ReadonlyMap<string, string>;
  /** Where the row before is one of another key: the change that moved it. */
  readonly moved?: StoredChange | undefined;
  /** The change that tells the row. */
  readonly change: StoredChange;
}

const none: ReadonlySet<string> = new Set();

/** The row that a change made. Columns that an update left out of the log are those of the row before. */
export function rowAfter(change: StoredChange): KnownRow {
  const { new_value, omitted_fields = [], unchanged_fields = [] } = change;
  const row = new_value ?? {};
  const movedFrom = change.operation === 'INSERT' && unchanged_fields.length > 0;
  return {
    row,
    unknown: none,
    omitted: new Set(omitted_fields.filter((field) => Object.hasOwn(row, field) && row[field] !== null)),
    pending: new Map(unchanged_fields.map((field) => [field, field])),
    ...(movedFrom && { moved: change }),
    change,
  };
}

/** The row that a change replaced, as far as the log held it; undefined where it held nothing of it. */
export function rowBefore(change: StoredChange): KnownRow | undefined {
  const { old_value, new_value, omitted_fields = [], unchanged_fields = [], unknown_fields = [] } = change;
  if (!old_value) return undefined;
  const had = [...Object.keys(new_value ?? {}), ...unchanged_fields, ...unknown_fields];
  return {
    row: old_value,
    unknown: new Set(had.filter((field) => !Object.hasOwn(old_value, field))),
    omitted: new Set(
      omitted_fields.filter((field) => Object.hasOwn(old_value, field) && old_value[field] !== null),
    ),
    pending: new Map(),
    change,
  };
}

/** Takes what is pending from the row before; from a row that nothing tells, it becomes unknown. */
export function fillFrom(row: KnownRow, before: KnownRow | undefined): KnownRow {
  if (row.pending.size === 0) return row;
  const values: Record<string, unknown> = { ...row.row };
  const [unknown, omitted] = [new Set(row.unknown), new Set(row.omitted)];
  const pending = new Map<string, string>();
  for (const [field, source] of row.pending) {
    const further = before?.pending.get(source);
    if (further !== undefined) pending.set(field, further);
    else if (before === undefined || !Object.hasOwn(before.row, source)) unknown.add(field);
    else {
      values[field] = before.row[source];
      if (before.omitted.has(source)) omitted.add(field);
    }
  }
  return {
    ...row,
    row: values,
    unknown,
    omitted,
    pending,
    moved: pending.size > 0 ? before?.moved : undefined,
  };
}

/** Whether a row may be the one that a change calls the row before. */
export function mayBe({ row }: KnownRow, before: Row): boolean {
  return Object.entries(before).every(
    ([field, value]) => !Object.hasOwn(row, field) || write(row[field]) === write(value),
  );
}

function write(value: unknown): string {
  return mongo.BSON.EJSON.stringify({ value }, { relaxed: false });
}
