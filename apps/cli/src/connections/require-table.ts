import { readEntityType } from '@infratraq/capture';
import { NotFoundError } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';

/**
 * Refuses a name that no table in PostgreSQL has; tables are named as changes name them.
 * @throws NotFoundError `table.unknown`
 */
export async function requireTable({ pool }: Pick<Postgres, 'pool'>, name: string): Promise<void> {
  const { schema, table } = readEntityType(name) ?? {};
  const { rowCount } = await pool.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  if (rowCount === 0)
    throw new NotFoundError(
      `There is no table ${name}; name a table with its schema, unless that is public`,
      'table.unknown',
    );
}
