import type { KnownRow } from './known-row.js';
import type { StoredChange } from './log-order.js';

interface AlteredColumn {
  readonly name: string;
  /** Its name before, where that was another one. */
  readonly was?: string;
  readonly added?: boolean;
  /** Of an added column: what existing rows have there. Absent: it differs from row to row. */
  readonly value?: unknown;
  /** Its values were computed anew. */
  readonly unknown?: boolean;
}

/** What an ALTER says: the columns from then on, in order. */
export interface Alteration {
  readonly columns: readonly AlteredColumn[];
  /** Columns that are gone, by their names before. */
  readonly dropped?: readonly string[];
  /** The primary key from then on, where it became another one. */
  readonly key?: readonly string[];
}

/** Reads what an ALTER says. */
export function readAlteration({ new_value }: StoredChange): Alteration {
  const { columns = [], ...rest } = (new_value ?? {}) as Partial<Alteration>;
  return { columns, ...rest };
}

/** The row after its table was altered. */
export function alterRow(before: KnownRow, { columns }: Alteration): KnownRow {
  const row: Record<string, unknown> = {};
  const [unknown, omitted] = [new Set<string>(), new Set<string>()];
  const pending = new Map<string, string>();
  for (const column of columns) {
    const { name, was = name } = column;
    const source = before.pending.get(was);
    if (column.added && 'value' in column) row[name] = column.value;
    else if (column.added || column.unknown) unknown.add(name);
    else if (Object.hasOwn(before.row, was)) {
      row[name] = before.row[was];
      if (before.omitted.has(was)) omitted.add(name);
    } else if (source !== undefined) pending.set(name, source);
    else unknown.add(name);
  }
  return { ...before, row, unknown, omitted, pending };
}

/** The row before its table was altered, as far as the row after tells it; undefined if not even its columns are told. */
export function unalterRow(after: KnownRow, { columns, dropped }: Alteration): KnownRow | undefined {
  if (dropped === undefined) return undefined;
  const row: Record<string, unknown> = {};
  const [unknown, omitted] = [new Set(dropped), new Set<string>()];
  for (const { name, was = name, added, unknown: computed } of columns) {
    if (added) continue;
    if (computed || !Object.hasOwn(after.row, name)) unknown.add(was);
    else row[was] = after.row[name];
    if (!computed && after.omitted.has(name)) omitted.add(was);
  }
  return { ...after, row, unknown, omitted };
}
