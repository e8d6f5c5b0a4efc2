import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

/** As `nameEntityType` writes it. */
const quotePart = (part: string) =>
  `case when ${part} ~ '[."]' or ${part} = '*' then '"' || replace(${part}, '"', '""') || '"' else ${part} end`;
const nameEntityType = (schema: string, table: string) =>
  `case ${schema} when 'public' then '' else ${quotePart(schema)} || '.' end || ${quotePart(table)}`;

/**
 * Declarations follow their columns: change capture calls the function in the transaction in which a table or its columns
 * are renamed. The old name stays declared, because earlier changes carry it.
 *
 * Where the new name is declared otherwise already, as it may be of tables that swap, nothing of it is shown.
 */
export const followRenames: MigrationStep = {
  name: '0004-follow-renames',
  async up(transaction) {
    await sql
      .raw(
        `create function infratraq.on_renamed(
          old_schema text, old_table text, new_schema text, new_table text, columns jsonb
        ) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        declare
          old_name text := ${nameEntityType('old_schema', 'old_table')};
          new_name text := ${nameEntityType('new_schema', 'new_table')};
        begin
          -- Whoever declares one of the columns right now is waited for: shared, so that renames don't wait for each other.
          perform pg_advisory_xact_lock_shared(4203112011);
          insert into infratraq.sensitive_fields as declared (table_name, column_name, masking, reason)
          select new_name, coalesce(columns ->> f.column_name, f.column_name),
            case when count(distinct f.masking) = 1 then min(f.masking) else 'full' end,
            string_agg(format('Follows %s.%s, renamed by %s at %s: %s', old_name, f.column_name, session_user,
              to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), f.reason), '; ' order by f.column_name)
          from infratraq.sensitive_fields f
          where f.table_name = old_name and (old_name <> new_name or columns ? f.column_name)
          group by 2
          on conflict (table_name, column_name) do update
          set masking = 'full', reason = declared.reason || '; ' || excluded.reason
          where declared.masking <> excluded.masking and declared.masking <> 'full';
        end
        $body$;
        revoke all on function infratraq.on_renamed(text, text, text, text, jsonb) from public`,
      )
      .execute(transaction);
  },
};
