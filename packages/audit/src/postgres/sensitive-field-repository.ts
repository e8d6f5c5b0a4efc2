import { nameEntityType, readEntityType } from '@infratraq/capture';
import { InvalidInputError, NotFoundError } from '@infratraq/kernel';
import type { OpenTransaction, Postgres } from '@infratraq/postgres';
import { sql } from 'kysely';
import type { SensitiveFieldKeeper } from '../sensitive/sensitive-fields.js';
import type { AuditTables } from './tables.js';

/** Advisory lock, also of `infratraq.on_renamed`: no column is renamed between being looked up and being declared. */
const renamingLock = 4_203_112_011;

/** Binds the repository of sensitive fields to a connection. */
export function createSensitiveFieldRepository(postgres: Postgres): SensitiveFieldKeeper {
  const { db, transaction: inTransaction } = postgres.withTables<AuditTables>();
  return {
    list: () =>
      db
        .selectFrom('infratraq.sensitive_fields')
        .selectAll()
        .orderBy('table_name')
        .orderBy('column_name')
        .execute(),
    declare: ({ table, column, masking = 'partial', reason }) =>
      inTransaction(
        async (transaction) => {
          await sql`select pg_advisory_xact_lock(${renamingLock})`.execute(transaction);
          const table_name = await findColumn(transaction, table, column);
          return transaction
            .insertInto('infratraq.sensitive_fields')
            .values({ table_name, column_name: column, masking, reason })
            .onConflict((conflict) =>
              conflict.columns(['table_name', 'column_name']).doUpdateSet({ masking, reason }),
            )
            .returningAll()
            .executeTakeFirstOrThrow();
        },
        { reason },
      ),
    withdraw: (table, column, reason) =>
      inTransaction(
        async (transaction) => {
          const { numDeletedRows } = await transaction
            .deleteFrom('infratraq.sensitive_fields')
            .where('table_name', '=', table.replace(/^public\./, ''))
            .where('column_name', '=', column)
            .executeTakeFirst();
          if (numDeletedRows === 0n)
            throw new NotFoundError(
              `${table}.${column} is not declared sensitive`,
              'audit.field-not-declared',
            );
        },
        { reason },
      ),
  };
}

interface FoundColumn {
  readonly schema_name: string;
  readonly table_name: string;
  readonly column_there: boolean;
  readonly is_key: boolean;
}

/** The table's name as changes carry it; those of a partition carry the name of its root. */
async function findColumn(transaction: OpenTransaction, table: string, column: string): Promise<string> {
  const named = readEntityType(table);
  const { rows } = await sql<FoundColumn>`
    select n.nspname as schema_name, c.relname as table_name,
      a.attnum is not null as column_there, coalesce(a.attnum = any (i.indkey), false) as is_key
    from (
      select coalesce(
        (select t.oid from pg_class t join pg_namespace s on s.oid = t.relnamespace
         where s.nspname = ${named?.schema ?? null}::text and t.relname = ${named?.table ?? null}::text),
        to_regclass(${table}::text)) as oid
    ) named
    join pg_class c on c.oid = coalesce(pg_partition_root(named.oid), named.oid) and c.relkind in ('r', 'p')
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a
      on a.attrelid = c.oid and a.attname = ${column}::text and a.attnum > 0 and not a.attisdropped
    left join pg_index i on i.indrelid = c.oid and i.indisprimary`
    .execute(transaction)
    .catch((error: unknown) => {
      if (isNoName(error)) throw new UnknownTableError(table, error);
      throw error;
    });
  const [found] = rows;
  if (found === undefined) throw new UnknownTableError(table);
  if (!found.column_there)
    throw new InvalidInputError(`Table ${table} has no column ${column}`, { code: 'audit.column-unknown' });
  if (found.is_key)
    throw new InvalidInputError(
      `${table}.${column} is part of the primary key, which names the row everywhere and cannot be masked`,
      { code: 'audit.column-is-key' },
    );
  return nameEntityType({ schema: found.schema_name, table: found.table_name });
}

/** PostgreSQL's codes for a text that names no table: bad syntax, too many dots, another database. */
function isNoName(error: unknown): boolean {
  return ['42601', '42602', '0A000'].includes(String((error as { code?: unknown }).code));
}

/** There is no table of this name. */
class UnknownTableError extends InvalidInputError {
  constructor(table: string, cause?: unknown) {
    super(`There is no table ${table} in this database`, { code: 'audit.table-unknown', cause });
  }
}
