/** The name of a table, in the parts that PostgreSQL knows it by. */
export interface TableName {
  schema: string;
  table: string;
}

/** The name as SQL and reports write it. */
export function quoteTable({ schema, table }: TableName): string {
  return [schema, table].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
}

/** A part that would be read otherwise if it stood as it is. */
const needsQuotes = /[."]|^\*$/;

/**
 * The name by which changes, and all that belongs to their rows, call a table: its own, with its schema in front unless
 * that is `public`. A part with a dot or a quotation mark in it is quoted as in SQL, so that no two tables share a name.
 *
 * @example
 * nameEntityType({ schema: 'cx', table: 't' }); // cx.t
 * nameEntityType({ schema: 'public', table: 'cx.t' }); // "cx.t"
 */
export function nameEntityType({ schema, table }: TableName): string {
  return schema === 'public' ? quotePart(table) : `${quotePart(schema)}.${quotePart(table)}`;
}

/**
 * Reads a name that `nameEntityType` wrote; parts may be quoted without need, and `public` may be said. Answers undefined
 * for a text that names no table.
 */
export function readEntityType(entityType: string): TableName | undefined {
  const [, ...parts] = namePattern.exec(entityType) ?? [];
  const [schema = 'public', table] = parts.map((part) => part && unquotePart(part));
  return table === undefined || table === '' || schema === '' ? undefined : { schema, table };
}

const part = '("(?:[^"]|"")*"|[^."]+)';
const namePattern = new RegExp(`^(?:${part}\\.)?${part}$`, 's');

function quotePart(name: string): string {
  return needsQuotes.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function unquotePart(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
