import { InvalidInputError } from '@infratraq/kernel';
import type pg from 'pg';
import { readEntityType, type TableName } from './table-name.js';

/** A table that is left out of capture on purpose. */
export interface TableExclusion {
  /** With its schema; `public` is meant where it has none. */
  table: string;
  /** Shown by the coverage report. */
  reason: string;
}

/**
 * Finds a table by the name that a person wrote: as changes name it, or as SQL does, which takes letters for small ones
 * unless they are quoted. The session's search path has no say.
 * @throws InvalidInputError when there is no such table
 */
export async function findTable(client: pg.ClientBase, name: string): Promise<TableName> {
  const wanted = [readEntityType(name), readEntityType(name.toLowerCase())];
  const { rows } = await client.query<TableName>(
    `select n.nspname as schema, c.relname as table
     from unnest($1::text[], $2::text[]) with ordinality as wanted (schema, "table", place)
     join pg_namespace n on n.nspname = wanted.schema
     join pg_class c on c.relnamespace = n.oid and c.relname = wanted."table" and c.relkind in ('r', 'p')
     order by place limit 1`,
    [wanted.map((one) => one?.schema), wanted.map((one) => one?.table)],
  );
  if (rows[0] === undefined) throw new InvalidInputError(`There is no table ${name} in this database`);
  return rows[0];
}

/** The exclusions that are on record; none where capture was never prepared. */
export async function readExclusions(client: pg.ClientBase): Promise<(TableName & { reason: string })[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('infratraq.capture_exclusion') is not null as there`,
  );
  if (rows[0]?.there !== true) return [];
  const found = await client.query<TableName & { reason: string }>(
    'select schema_name as schema, table_name as table, reason from infratraq.capture_exclusion order by 1, 2',
  );
  return found.rows;
}

/** Puts an exclusion on record, or changes its reason. */
export async function saveExclusion(
  client: pg.ClientBase,
  { schema, table }: TableName,
  reason: string,
): Promise<void> {
  if (reason.trim() === '') throw new InvalidInputError('Say why the table is left out of capture');
  await client.query(
    `insert into infratraq.capture_exclusion (schema_name, table_name, reason) values ($1, $2, $3)
     on conflict (schema_name, table_name) do update set reason = excluded.reason`,
    [schema, table, reason],
  );
}
