import pg from 'pg';
import type { RowStep } from './histories.js';
import type { ObservedColumn, ObservedTable } from './observe.js';

const quote = (name: string) => pg.escapeIdentifier(name);

/** A table as SQL names it. */
export function nameInSql({ schema, name }: Pick<ObservedTable, 'schema' | 'name'>): string {
  return `${quote(schema)}.${quote(name)}`;
}

/** One of a list, whatever its length; undefined of an empty one. */
export function pickOne<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items.length === 0 ? undefined : items[pick % items.length];
}

/** Texts that keys can have: one that stands for whole tables elsewhere, and some that look like other ids. */
const codes = ['*', 'a', '1', '["1","a"]', 'b.c'];

/** Writes a step on rows as SQL; undefined where there is no table for it. */
export function writeRowStep(step: RowStep, tables: readonly ObservedTable[]): string | undefined {
  const table = pickOne(
    tables.filter(({ isPartition }) => !isPartition),
    step.table,
  );
  if (table === undefined) return undefined;
  const name = nameInSql(table);
  const key = table.key ?? table.columns.slice(0, 1).map((column) => column.name);
  const list = key.map(quote).join(', ');
  const rowOf = (place: number) =>
    `(${list}) = (select ${list} from ${name} order by ${list} limit 1 offset ${place} % greatest((select count(*) from ${name}), 1))`;
  switch (step.kind) {
    case 'insert': {
      const written = table.columns.filter(({ generated }) => !generated);
      const values = written.map((column) =>
        key.includes(column.name) || column.name === 'code'
          ? writeKey(column, step.key)
          : writeValue(column, step.value),
      );
      return `insert into ${name} (${written.map((column) => quote(column.name)).join(', ')}) values (${values.join(', ')})`;
    }
    case 'update': {
      const others = table.columns.filter((column) => !key.includes(column.name) && !column.generated);
      const column = pickOne(others, step.column);
      return (
        column &&
        `update ${name} set ${quote(column.name)} = ${writeValue(column, step.value)} where ${rowOf(step.row)}`
      );
    }
    case 'move key': {
      const column = table.columns.find(({ name: one }) => one === key[0]) as ObservedColumn;
      return `update ${name} set ${quote(column.name)} = ${writeKey(column, step.key)} where ${rowOf(step.row)}`;
    }
    case 'mirror keys': {
      const column = table.columns.find(({ name: one }) => one === key[0]) as ObservedColumn;
      const mirrored =
        column.form === 'bN'
          ? `5 - ${quote(column.name)}`
          : `case ${quote(column.name)} when 'a' then '*' when '*' then 'a' else ${quote(column.name)} end`;
      return `update ${name} set ${quote(column.name)} = ${mirrored}`;
    }
    case 'delete':
      return `delete from ${name} where ${rowOf(step.row)}`;
    case 'touch':
      return `update ${name} set ${key.map((column) => `${quote(column)} = ${quote(column)}`).join(', ')}`;
    case 'truncate':
      return `truncate ${name}`;
  }
}

function writeKey(column: ObservedColumn, key: number): string {
  return column.form === 'bN' ? String(key) : pg.escapeLiteral(codes[key % codes.length] as string);
}

/** A value of a column's type; 0 is NULL, but for what is never null. */
function writeValue({ name, type, form, labels }: ObservedColumn, value: number): string {
  if (value === 0 && name !== 'code' && name !== 'id') return 'null';
  if (type.startsWith('numeric')) return `${value}.50`;
  if (type.startsWith('timestamp')) return `'2026-01-0${value || 1} 10:00:00+00'`;
  if (type === 'jsonb') return `'{"n": ${value}, "list": [1, "${value}"]}'`;
  if (form === 'eE') return pg.escapeLiteral(pickOne(labels ?? [], value) ?? '');
  // A row of the right number of attributes; they are all texts.
  if (form === 'cC') return `(json_populate_record(null::${type}, ${compositeOf(value)}))`;
  if (form === 'bA') return `array['t${value}', 'u']`;
  if (form === 'bN') return String(value);
  if (name === 'big' || name === 'grown') return `repeat('x${value}', 1200)`;
  return `'t${value}'`;
}

function compositeOf(value: number): string {
  return `'{"street": "s${value}", "city": "c${value}", "zip": "z${value}"}'`;
}
