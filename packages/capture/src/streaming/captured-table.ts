import { createHash } from 'node:crypto';
import { isCaptured } from '../capture-scope.js';
import type { RowValue } from '../change.js';
import { unchangedToast, type RelationMessage, type WireTuple } from '../pgoutput/messages.js';
import { findConverter, type ValueConverter } from '../values/converters.js';
import type { TableDescription } from './table-catalog.js';

/** A table as its rows are to be read at this place in the log. */
export interface CapturedTable {
  schema: string;
  table: string;
  entityType: string;
  captured: boolean;
  columns: { name: string; convert: ValueConverter }[];
  /** Places of the key's columns, in the key's order; empty where there is no key. */
  keyIndexes: number[];
}

/** Joins what the log and the catalog say about a table. */
export function readTable(relation: RelationMessage, description: TableDescription): CapturedTable {
  const { schema, table, columns } = relation;
  const keyIndexes = description.primaryKey.map((name) =>
    columns.findIndex((column) => column.name === name),
  );
  return {
    schema,
    table,
    entityType: schema === 'public' ? table : `${schema}.${table}`,
    captured: isCaptured(schema, table),
    columns: columns.map(({ name, typeOid }) => ({
      name,
      convert: findConverter(typeOid, description.types),
    })),
    // A key with a column that the row does not have yet (or any more) cannot identify it.
    keyIndexes: keyIndexes.includes(-1) ? [] : keyIndexes,
  };
}

/** Reads a whole row, its columns in table order; values that the server did not send are left out. */
export function readRow(table: CapturedTable, tuple: WireTuple): RowValue {
  const row: RowValue = {};
  table.columns.forEach(({ name, convert }, index) => {
    const value = tuple[index];
    if (value === undefined || value === unchangedToast) return;
    row[name] = value === null ? null : convert(value.toString());
  });
  return row;
}

/** Names the row: its key, or where it has none a hash of all its values. */
export function identifyRow({ keyIndexes, columns }: CapturedTable, tuple: WireTuple): string {
  if (keyIndexes.length === 0) {
    const hash = createHash('sha256');
    columns.forEach((_, index) => {
      const value = tuple[index];
      // The length keeps neighbouring values apart, and null from an empty text.
      hash.update(value instanceof Buffer ? `${value.length}:` : '-');
      if (value instanceof Buffer) hash.update(value);
    });
    return `row:${hash.digest('hex').slice(0, 32)}`;
  }
  const texts = keyIndexes.map((index) => String(tuple[index]));
  return texts.length === 1 ? (texts[0] as string) : JSON.stringify(texts);
}
