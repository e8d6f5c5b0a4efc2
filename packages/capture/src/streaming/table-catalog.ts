import type pg from 'pg';
import type { RelationMessage } from '../pgoutput/messages.js';
import type { CatalogType } from '../values/converters.js';

/** What the log leaves out about a table and the catalog knows. */
export interface TableDescription {
  /** Primary key columns in the key's order; empty where there is none. */
  primaryKey: string[];
  types: ReadonlyMap<number, CatalogType>;
}

/** Types from here on are not built in. */
const firstUserOid = 16_384;

/**
 * Reads a table's primary key and the types of its columns from the catalog as it is now.
 *
 * That may be later than the change being read: the table can have gained a key meanwhile, or be gone (undefined).
 */
export async function describeTable(
  client: pg.ClientBase,
  relation: RelationMessage,
): Promise<TableDescription | undefined> {
  const { rows } = await client.query<{ columns: string[] | null }>(primaryKeyQuery, [relation.oid]);
  if (rows[0] === undefined) return undefined;
  return { primaryKey: rows[0].columns ?? [], types: await readTypes(client, relation) };
}

async function readTypes(
  client: pg.ClientBase,
  relation: RelationMessage,
): Promise<Map<number, CatalogType>> {
  const oids = relation.columns.map(({ typeOid }) => typeOid).filter((oid) => oid >= firstUserOid);
  if (oids.length === 0) return new Map();
  const { rows } = await client.query<CatalogType>(typesQuery, [oids]);
  return new Map(rows.map((type) => [type.oid, type]));
}

const primaryKeyQuery = `
  select (
    select array_agg(a.attname::text order by key.place)
    from pg_index i
    cross join unnest(i.indkey::int2[]) with ordinality as key (attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = key.attnum
    where i.indrelid = c.oid and i.indisprimary and key.place <= i.indnkeyatts
  ) as columns
  from pg_class c where c.oid = $1`;

const typesQuery = `
  with recursive needed as (
    select oid, typtype, typbasetype, typelem, typcategory from pg_type where oid = any($1::oid[])
    union
    select t.oid, t.typtype, t.typbasetype, t.typelem, t.typcategory from pg_type t
    join needed n on t.oid = n.typbasetype or (n.typcategory = 'A' and t.oid = n.typelem)
  )
  select oid, typbasetype as "baseOid", case when typcategory = 'A' then typelem else 0 end as "elementOid"
  from needed`;
