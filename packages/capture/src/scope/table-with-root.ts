import type pg from 'pg';
import { isCapturedSql } from './is-captured.js';
import type { TableName } from './table-name.js';

/** A table, and the name that it is published under: its own, or that of the root it is a partition of. */
export interface TableWithRoot extends TableName {
  root: TableName;
}

/** The permanent tables of which the condition holds, in SQL over `pg_class c`; partitions included. */
export async function findTablesWhere(client: pg.ClientBase, condition: string): Promise<TableWithRoot[]> {
  const { rows } = await client.query<TableWithRoot>(`
    select n.nspname as schema, c.relname as table,
      jsonb_build_object('schema', root_space.nspname, 'table', root.relname) as root
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid)
    join pg_namespace root_space on root_space.oid = root.relnamespace
    where c.relkind in ('r', 'p') and c.relpersistence = 'p' and ${isCapturedSql} and ${condition}
    order by 1, 2`);
  return rows;
}
