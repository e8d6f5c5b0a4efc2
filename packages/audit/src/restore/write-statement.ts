import { quote, type ComparedColumn, type ComparedRow } from './compare-row.js';
import type { TableShape } from './read-table.js';

/** Writes the statement that restores a row; undefined if nothing differs. */
export function writeStatement(
  { name }: TableShape,
  { exists, columns }: ComparedRow,
  writeValue: (column: ComparedColumn) => string,
): string | undefined {
  const writable = columns.filter(({ isGenerated }) => !isGenerated);
  if (!exists) {
    const overriding = writable.some(({ identity }) => identity === 'always')
      ? ' overriding system value'
      : '';
    const names = writable.map((column) => quote(column.name)).join(', ');
    return `insert into ${name} (${names})${overriding} values (${writable.map(writeValue).join(', ')})`;
  }
  const changed = writable.filter(
    ({ differs, isKey, identity }) => differs && !isKey && identity !== 'always',
  );
  if (changed.length === 0) return undefined;
  const assignments = changed.map((column) => `${quote(column.name)} = ${writeValue(column)}`);
  const keys = columns.filter(({ isKey }) => isKey);
  const conditions = keys.map((column) => `${quote(column.name)} = ${column.literal}`);
  return `update ${name} set ${assignments.join(', ')} where ${conditions.join(' and ')}`;
}
