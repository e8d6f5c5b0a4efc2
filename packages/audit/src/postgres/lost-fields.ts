import { readEntityType } from '@infratraq/capture';
import type { Postgres } from '@infratraq/postgres';
import type { DeclaredField, StatedField } from '../sensitive/sensitive-fields.js';

/**
 * Of the declared columns those that are not there, and that no declaration follows under another name: dropped, or
 * renamed while capture did not see it, and then not masked under their new names.
 */
export async function findLostFields(
  { pool }: Postgres,
  declared: readonly StatedField[],
): Promise<DeclaredField[]> {
  const unfollowed = declared.filter(
    ({ table_name, column_name }) =>
      !declared.some(({ reason }) => reason.includes(`Follows ${table_name}.${column_name}, renamed by `)),
  );
  const tables = unfollowed.map(({ table_name }) => readEntityType(table_name));
  const { rows } = await pool.query<{ place: string }>(
    `select place from unnest($1::text[], $2::text[], $3::text[]) with ordinality as d (s, t, c, place)
     where not exists (
       select from pg_namespace n join pg_class on relnamespace = n.oid join pg_attribute on attrelid = pg_class.oid
       where nspname = s and relname = t and attname = c and attnum > 0 and not attisdropped)
     order by place`,
    [
      tables.map((table) => table?.schema ?? null),
      tables.map((table) => table?.table ?? null),
      unfollowed.map(({ column_name }) => column_name),
    ],
  );
  return rows.map(({ place }) => unfollowed[Number(place) - 1]!);
}
