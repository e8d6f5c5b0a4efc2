import { mongo } from 'mongoose';
import pg from 'pg';
import type { Change, RowValue } from '../../encoding/change.js';
import { nameField } from '../../values/field-names.js';
import { readNamedTypes, renderLiteral } from '../../values/render-literal.js';
import type { TableModel } from './histories.js';

/** A table's changes contradict one another. */
class ContradictoryChangeError extends Error {
  constructor(change: Change, what: string) {
    super(`${change._id} (${change.operation} ${change.entity_id}): ${what}`);
  }
}

const write = (value: unknown) => mongo.BSON.EJSON.stringify(value, { relaxed: false });

/** The rows that a table's changes, in their order, leave in it; each must fit what those before it left. */
export function replayRows(table: TableModel, changes: readonly Change[]): RowValue[] {
  const rows = new Map<string, RowValue[]>();
  const keys = table.keyColumns.map(({ name }) => name);
  const identify = (row: RowValue) => write(keys.length === 0 ? row : keys.map((key) => row[key]));

  const take = (change: Change, known: RowValue): RowValue => {
    const [row, ...others] = rows.get(identify(known)) ?? [];
    if (row === undefined) throw new ContradictoryChangeError(change, 'There is no such row');
    const differing = Object.keys(known).find((field) => write(known[field]) !== write(row[field]));
    if (differing !== undefined && change.old_value !== null) {
      throw new ContradictoryChangeError(change, `The row before is another one in ${differing}`);
    }
    rows.set(identify(known), others);
    return row;
  };

  let moving: RowValue | undefined;
  for (const change of changes) {
    const { operation, old_value, new_value, unchanged_fields = [] } = change;
    if (operation === 'TRUNCATE') rows.clear();
    let before = change.moved_from === undefined ? undefined : moving;
    if (operation === 'UPDATE' || operation === 'DELETE')
      moving = before = take(change, old_value ?? keysOf(new_value!, keys));
    if (new_value === null || change.whole_table) continue;
    const row = { ...new_value };
    for (const field of unchanged_fields) {
      if (Object.hasOwn(row, field))
        throw new ContradictoryChangeError(change, `${field} is unchanged and yet has a value`);
      row[field] = before?.[field];
    }
    if (keys.length > 0 && rows.get(identify(row))?.length) {
      throw new ContradictoryChangeError(change, 'There is such a row already');
    }
    rows.set(identify(row), [...(rows.get(identify(row)) ?? []), row]);
  }
  return [...rows.values()].flat();
}

const keysOf = (row: RowValue, keys: string[]): RowValue =>
  Object.fromEntries(keys.map((key) => [key, row[key]]));

/**
 * Writes rows as documents hold them back into PostgreSQL, and answers what one table has and the other has not:
 * nothing, when nothing was lost. Compared as text, which tells even scales and bounds apart.
 */
export async function findDifferences(
  client: pg.ClientBase,
  table: TableModel,
  rows: readonly RowValue[],
): Promise<unknown[]> {
  const columns = [...table.keyColumns, ...table.columns].map(({ name, type }) => ({
    name,
    type: type.name,
  }));
  if (table.generated) columns.push({ name: 'doubled', type: 'bigint' });
  const names = columns.map(({ name }) => pg.escapeIdentifier(name));
  const types = await readNamedTypes(client, [...new Set(columns.map(({ type }) => type))]);
  await client.query(`create temp table rebuilt (like ${pg.escapeIdentifier(table.name)})`);
  for (const row of rows) {
    const missing = columns.find(({ name }) => row[nameField(name)] === undefined);
    if (missing !== undefined) return [{ missing: missing.name, row: write(row) }];
    const values = columns.map(({ name, type }) => renderLiteral(row[nameField(name)], type, types));
    await client.query(
      columns.length === 0
        ? 'insert into rebuilt default values'
        : `insert into rebuilt (${names.join(', ')}) values (${values.join(', ')})`,
    );
  }
  const texts = ["'row'", ...names.map((name) => `${name}::text`)].join(', ');
  const [original, rebuilt] = [
    `select ${texts} from ${pg.escapeIdentifier(table.name)}`,
    `select ${texts} from rebuilt`,
  ];
  const { rows: differences } = await client.query<unknown[]>({
    text: `(select 'lost' as side, * from (${original} except all ${rebuilt}) as lost)
      union all (select 'invented', * from (${rebuilt} except all ${original}) as invented)`,
    rowMode: 'array',
  });
  await client.query('drop table rebuilt');
  return differences;
}
