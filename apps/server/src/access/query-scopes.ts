import { escapeIdentifier, type Pool } from 'pg';
import { findPaths, type ScopeGraph, type ScopePath, type ScopeTable } from './scope-graph.js';

/** The scopes of a row along all its paths, by one query; undefined where there is no such row. */
export async function queryScopes(
  pool: Pick<Pool, 'query'>,
  graph: ScopeGraph,
  { entity_type, entity_id }: { entity_type: string; entity_id: string },
): Promise<string[] | undefined> {
  const table = graph.tables.get(entity_type);
  const key = table && readKey(table, entity_id);
  if (!table || !key) return undefined;
  const selects = [
    `select null as scope from ${nameOf(table)} t0 where ${matchKey(table, 't0')}`,
    ...findPaths(graph, entity_type).map((path) => selectPath(graph, table, path)),
  ];
  try {
    const { rows } = await pool.query<{ scope: string | null }>(selects.join(' union '), key);
    return rows.length === 0 ? undefined : rows.flatMap(({ scope }) => scope ?? []);
  } catch (error) {
    // A text that is no value of the key's type names no row.
    if (String((error as { code?: unknown }).code).startsWith('22')) return undefined;
    throw error;
  }
}

/**
 * The scopes of many rows of a table with one key column, by their ids as text; without those that are no rows, or all
 * where one is no value of the key's type.
 */
export async function queryScopesOfMany(
  pool: Pick<Pool, 'query'>,
  graph: ScopeGraph,
  table: ScopeTable,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const matched = `t0.${escapeIdentifier(table.key[0] as string)} = any($1)`;
  const selects = [
    `select ${idOf(table, 't0')} as id, null as scope from ${nameOf(table)} t0 where ${matched}`,
    ...findPaths(graph, table.entity_type).map(
      ({ scope, steps }) =>
        `select ${idOf(table, 't0')}, ${scopeOf(graph, table, { scope, steps })}
         from ${joinPath(graph, table, steps)} where ${matched}`,
    ),
  ];
  try {
    const { rows } = await pool.query<{ id: string; scopes: string[] }>(
      `select id, coalesce(array_agg(scope) filter (where scope is not null), '{}') as scopes
       from (${selects.join(' union ')}) found group by id`,
      [ids],
    );
    return new Map(rows.map(({ id, scopes }) => [id, scopes]));
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith('22')) return new Map();
    throw error;
  }
}

/** The rows of a table that lead to a row of another along a path; only those after `after`, in the order of their ids. */
export async function queryRowsBelow(
  pool: Pick<Pool, 'query'>,
  graph: ScopeGraph,
  { table, steps, key }: { table: ScopeTable; steps: ScopePath['steps']; key: readonly string[] },
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const end = graph.tables.get(steps.at(-1)?.to ?? table.entity_type) as ScopeTable;
  const { rows } = await pool.query<{ id: string }>(
    `select distinct ${idOf(table, 't0')} collate "C" as id from ${joinPath(graph, table, steps)}
     where ${matchKey(end, `t${steps.length}`)} and ${idOf(table, 't0')} collate "C" > $${key.length + 1}
     order by 1 limit ${limit}`,
    [...key, after],
  );
  return rows.map(({ id }) => id);
}

/** The values of a primary key that an entity's id holds; undefined where it cannot be one of the table. */
export function readKey({ key }: ScopeTable, entityId: string): string[] | undefined {
  if (key.length === 0) return undefined;
  if (key.length === 1) return [entityId];
  try {
    const parts: unknown = JSON.parse(entityId);
    return Array.isArray(parts) && parts.length === key.length ? parts.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** The id of a row by the values of its key, as changes call it. */
export function writeKey(values: readonly string[]): string {
  return values.length === 1 ? (values[0] as string) : JSON.stringify(values);
}

function selectPath(graph: ScopeGraph, table: ScopeTable, path: ScopePath): string {
  return `select ${scopeOf(graph, table, path)} as scope from ${joinPath(graph, table, path.steps)}
    where ${matchKey(table, 't0')}`;
}

function scopeOf(graph: ScopeGraph, table: ScopeTable, { scope, steps }: ScopePath): string {
  const end = graph.tables.get(steps.at(-1)?.to ?? table.entity_type) as ScopeTable;
  return `'${scope.replaceAll("'", "''")}:' || ${idOf(end, `t${steps.length}`)}`;
}

function joinPath(graph: ScopeGraph, table: ScopeTable, steps: ScopePath['steps']): string {
  const joins = steps.map(({ to, columns, references }, place) => {
    const on = columns.map(
      (column, part) =>
        `t${place}.${escapeIdentifier(column)} = t${place + 1}.${escapeIdentifier(references[part] as string)}`,
    );
    return `join ${nameOf(graph.tables.get(to) as ScopeTable)} t${place + 1} on ${on.join(' and ')}`;
  });
  return [`${nameOf(table)} t0`, ...joins].join(' ');
}

function matchKey({ key }: ScopeTable, alias: string): string {
  return key.map((column, place) => `${alias}.${escapeIdentifier(column)} = $${place + 1}`).join(' and ');
}

function idOf({ key }: ScopeTable, alias: string): string {
  const texts = key.map((column) => `${alias}.${escapeIdentifier(column)}::text`);
  return texts.length === 1 ? (texts[0] as string) : `array_to_json(array[${texts.join(', ')}])::text`;
}

function nameOf({ schema, table }: ScopeTable): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}
