import { nameField } from '@infratraq/capture';
import { ConflictError, NotFoundError } from '@infratraq/kernel';
import pg from 'pg';
import type { QueryRows } from './query-rows.js';

/** A column as it is now. */
export interface TableColumn {
  readonly name: string;
  /** The field of a captured row that holds it. */
  readonly field: string;
  /** As `format_type` writes it. */
  readonly type: string;
  /** Computed by PostgreSQL from the others, and never written. */
  readonly isGenerated: boolean;
  /** Numbered by PostgreSQL: `always` cannot be updated, and needs a word to be inserted. */
  readonly identity: 'always' | 'by default' | null;
  readonly isKey: boolean;
}

/** A table as it is now. */
export interface TableShape {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
}

/**
 * Reads a table's columns from the catalog.
 * @throws NotFoundError `audit.table-unknown`
 * @throws ConflictError `audit.no-primary-key`
 */
export async function readTable(query: QueryRows, schema: string, table: string): Promise<TableShape> {
  const name = [schema, table].map((part) => pg.escapeIdentifier(part)).join('.');
  const found = await query<Omit<TableColumn, 'field'>>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attgenerated <> '' as "isGenerated",
       case a.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
       coalesce(a.attnum = any (i.indkey), false) as "isKey"
     from pg_attribute a
     left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [name],
  );
  const columns = found.map((column) => ({ ...column, field: nameField(column.name) }));
  if (columns.length === 0)
    throw new NotFoundError(`There is no table ${name} any more`, 'audit.table-unknown');
  if (!columns.some(({ isKey }) => isKey))
    throw new ConflictError(
      `Table ${name} has no primary key, so that no single row of it can be restored`,
      'audit.no-primary-key',
    );
  return { name, columns };
}
