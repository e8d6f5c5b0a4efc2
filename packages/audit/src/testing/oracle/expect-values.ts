import { nameEntityType } from '@infratraq/capture';
import { renderValue } from '../../history/render-value.js';
import type { Observation, ObservedColumn, ObservedTable, ObservedValue } from './observe.js';

/** What changes call a table. */
export function typeOf({ schema, name }: ObservedTable): string {
  return nameEntityType({ schema, table: name });
}

/** The table of a name at a moment, if rows of it can be named. */
export function findTable(moment: Observation, entityType: string): ObservedTable | undefined {
  return moment.tables.find((table) => typeOf(table) === entityType);
}

/** The id of a row as changes name it; undefined without a key. */
export function idOf({ key, columns }: ObservedTable, row: readonly ObservedValue[]): string | undefined {
  if (key === null) return undefined;
  const values = key.map((name) => row[columns.findIndex((column) => column.name === name)]?.[0]);
  return values.length === 1 ? (values[0] as string) : JSON.stringify(values);
}

/** The row of an id. */
export function findRow(table: ObservedTable, id: string): readonly ObservedValue[] | undefined {
  return table.rows.find((row) => idOf(table, row) === id);
}

/** Whether a value of the trail is what PostgreSQL said, and if not, both. */
export function differsFrom(
  { form, type }: ObservedColumn,
  told: string | null,
  value: unknown,
): string | undefined {
  const known = renderValue(value);
  const expected = told === null ? null : isStructured(form, type) ? JSON.parse(told) : told;
  const [left, right] = [normalise(expected, type), normalise(known, type)];
  return left === right ? undefined : `${left}, not ${right}`;
}

function isStructured(form: string, type: string): boolean {
  return form === 'cC' || form === 'bA' || type === 'jsonb';
}

function normalise(value: unknown, type: string): string {
  if (value === null || value === undefined) return String(value);
  if (type.startsWith('timestamp')) return new Date(String(value)).toISOString();
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(sortKeys(value));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value === null ? null : String(value);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, one]) => [key, sortKeys(one)]),
  );
}
