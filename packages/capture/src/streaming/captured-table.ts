import { createHash } from 'node:crypto';
import { isCaptured } from '../capture-scope.js';
import type { RowValue } from '../change.js';
import { unchangedToast, type OldTuple, type RelationMessage, type WireTuple } from '../pgoutput/messages.js';
import { findConverter, type ValueConverter } from '../values/converters.js';
import { nameField } from '../values/field-names.js';
import type { TableDescription } from './table-catalog.js';

/** A table as its rows are to be read at this place in the log. */
export interface CapturedTable {
  /** What the log says of it. */
  relation: RelationMessage;
  schema: string;
  table: string;
  entityType: string;
  captured: boolean;
  /** In table order; `name` is the field's, which is nearly always the column's. */
  columns: { name: string; convert: ValueConverter; identity: boolean }[];
  /** Places of the key's columns, in the key's order; empty where there is no key. */
  keyIndexes: number[];
  /** A value has shown that a type has changed since the catalog was asked, of which the log does not tell. */
  outdated: boolean;
}

/** Joins what the log and the catalog say about a table. */
export function readTable(relation: RelationMessage, description: TableDescription): CapturedTable {
  const { schema, table, columns } = relation;
  const keyIndexes = description.primaryKey.map((name) =>
    columns.findIndex((column) => column.name === name),
  );
  const captured: CapturedTable = {
    relation,
    outdated: false,
    schema,
    table,
    entityType: schema === 'public' ? table : `${schema}.${table}`,
    captured: isCaptured(schema, table),
    columns: columns.map(({ name, typeOid, identity }) => ({
      name: nameField(name),
      convert: findConverter(typeOid, description.types, () => (captured.outdated = true)),
      identity,
    })),
    // A key with a column that the row does not have yet (or any more) cannot identify it.
    keyIndexes: keyIndexes.includes(-1) ? [] : keyIndexes,
  };
  return captured;
}

/**
 * Reads a whole row, its columns in table order; values that the server did not send are left out. What is the same
 * in the row before is taken from there, for most columns of most updates are, and reading values costs the most.
 */
export function readRow(
  { columns }: CapturedTable,
  tuple: WireTuple,
  before?: { tuple: WireTuple; row: RowValue },
): RowValue {
  const row: RowValue = {};
  for (let index = 0; index < columns.length; index += 1) {
    const { name, convert } = columns[index] as CapturedTable['columns'][number];
    const value = tuple[index];
    if (value === undefined || value === unchangedToast) continue;
    if (value === null) row[name] = null;
    else if (before !== undefined && isSameValue(before.tuple[index], value)) row[name] = before.row[name];
    else row[name] = convert(value.toString());
  }
  return row;
}

/** The row before as far as it was sent: of one that is only a key, the other columns are unknown, not null. */
export function readOldTuple(table: CapturedTable, { kind, values }: OldTuple): WireTuple {
  if (kind === 'full') return values;
  return values.map((value, index) => (table.columns[index]?.identity === true ? value : unchangedToast));
}

/** The row after, with what the server left out as unchanged taken from the row before, if that was sent. */
export function completeTuple(before: WireTuple | undefined, after: WireTuple): WireTuple {
  if (before === undefined || !after.includes(unchangedToast)) return after;
  return after.map((value, index) => (value === unchangedToast ? (before[index] ?? unchangedToast) : value));
}

/** Columns that an update sent, and whose values before are other ones or unknown. */
export function findChangedFields(
  { columns }: CapturedTable,
  before: WireTuple | undefined,
  after: WireTuple,
): string[] {
  return columns
    .filter((_, index) => after[index] !== unchangedToast && !isSameValue(before?.[index], after[index]))
    .map(({ name }) => name);
}

/** Columns whose values are not known, for the server left them out as unchanged and sent no row before. */
export function findUnsentFields({ columns }: CapturedTable, tuple: WireTuple): string[] {
  if (!tuple.includes(unchangedToast)) return [];
  return columns.filter((_, index) => tuple[index] === unchangedToast).map(({ name }) => name);
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
  const key = keyIndexes.map((index) => (before[index] instanceof Buffer ? before[index] : after[index]));
  if (key.length === 0 || !key.every((value) => value instanceof Buffer)) {
    return hashTuple(before, columns.length);
  }
  return key.length === 1 ? String(key[0]) : JSON.stringify(key.map(String));
}

function hashTuple(tuple: WireTuple, length: number): string {
  const hash = createHash('sha256');
  for (let index = 0; index < length; index += 1) {
    const value = tuple[index];
    // The length keeps neighbouring values apart, and null from an empty text.
    hash.update(value instanceof Buffer ? `${value.length}:` : '-');
    if (value instanceof Buffer) hash.update(value);
  }
  return `row:${hash.digest('hex').slice(0, 32)}`;
}

function isSameValue(before: WireTuple[number] | undefined, after: WireTuple[number] | undefined): boolean {
  return before instanceof Buffer && after instanceof Buffer ? before.equals(after) : before === after;
}
