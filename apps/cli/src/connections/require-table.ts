import { NotFoundError } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';

/**
 * Refuses a name that no table in PostgreSQL has; tables are named with their schema, unless that is `public`.
 * @throws NotFoundError `table.unknown`
 */
export async function requireTable({ pool }: Pick<Postgres, 'pool'>, name: string): Promise<void> {
  const { rowCount } = await pool.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p')
       and case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end = $1`,
    [name],
  );
  if (rowCount === 0)
    throw new NotFoundError(
      `There is no table ${name}; name a table with its schema, unless that is public`,
      'table.unknown',
    );
}
