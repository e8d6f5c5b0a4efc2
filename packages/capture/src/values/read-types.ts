import type pg from 'pg';
import type { CompositeAttribute, PostgresType, TypeCatalog } from './postgres-type.js';
import { textType } from './find-type.js';

/** What the catalog says of one type; the numbers are OIDs, 0 for none. */
export interface TypeRow {
  oid: number;
  baseOid: number;
  elementOid: number;
  elementDelimiter: string | null;
  subtypeOid: number;
  rangeOid: number;
  inputFunction: string;
  attributes: CompositeAttribute[] | null;
  changedLater?: boolean;
}

/**
 * Reads types, and all that they are made of, from the catalog as it is now.
 *
 * Told of a transaction, it takes composites that have changed since that one for text: what their values consisted
 * of at the time is known no more.
 */
export async function readTypes(
  client: Pick<pg.ClientBase, 'query'>,
  oids: readonly number[],
  transactionId?: number,
): Promise<TypeCatalog> {
  if (oids.length === 0) return new Map();
  const { rows } = await client.query<TypeRow>(writeTypesQuery('$1', '$2'), [oids, transactionId ?? null]);
  return describeTypes(rows);
}

/** The types that the catalog's rows describe, by OID. */
export function describeTypes(rows: readonly TypeRow[]): TypeCatalog {
  return new Map(rows.map((row) => [row.oid, describeType(row)]));
}

function describeType(row: TypeRow): PostgresType {
  if (row.baseOid !== 0) return { kind: 'domain', baseOid: row.baseOid };
  if (row.elementOid !== 0) {
    return { kind: 'array', elementOid: row.elementOid, delimiter: row.elementDelimiter ?? ',' };
  }
  if (row.subtypeOid !== 0) return { kind: 'range', subtypeOid: row.subtypeOid };
  if (row.rangeOid !== 0) return { kind: 'multirange', rangeOid: row.rangeOid };
  if (row.attributes !== null) {
    return row.changedLater ? textType : { kind: 'composite', attributes: row.attributes };
  }
  switch (row.inputFunction) {
    case 'hstore_in':
      return { kind: 'scalar', form: 'hstore' };
    case 'vector_in':
    case 'halfvec_in':
      return { kind: 'scalar', form: 'vector' };
    default:
      return textType;
  }
}

/** The query for types and all that they are made of: `oids` and `transactionId` are expressions in SQL. */
// A transaction id that lies less far back than the change's is a later one; one that seems to lie ahead is so old
// that the counter has gone round.
export const writeTypesQuery = (oids: string, transactionId: string) => `
  with recursive needed (oid) as (
    select unnest(${oids}::oid[])
    union
    select related.oid from needed n
    join pg_type t on t.oid = n.oid
    cross join lateral (
      select t.typbasetype
      union all select t.typelem where t.typcategory = 'A'
      union all select r.rngsubtype from pg_range r where r.rngtypid = t.oid
      union all select r.rngtypid from pg_range r where r.rngmultitypid = t.oid
      union all select a.atttypid from pg_attribute a
        where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ) as related (oid)
    where related.oid <> 0
  )
  select
    t.oid,
    t.typbasetype as "baseOid",
    coalesce(e.oid, 0::oid) as "elementOid",
    e.typdelim::text as "elementDelimiter",
    coalesce((select r.rngsubtype from pg_range r where r.rngtypid = t.oid), 0::oid) as "subtypeOid",
    coalesce((select r.rngtypid from pg_range r where r.rngmultitypid = t.oid), 0::oid) as "rangeOid",
    (select p.proname::text from pg_proc p where p.oid = t.typinput) as "inputFunction",
    case when t.typtype = 'c' then coalesce((
      select json_agg(json_build_object('name', a.attname, 'typeOid', a.atttypid::bigint) order by a.attnum)
      from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ), '[]') end as "attributes",
    t.typtype = 'c' and exists (
      select from pg_attribute a
      where a.attrelid = t.typrelid and a.attnum > 0
        and age(a.xmin) >= 0 and age(a.xmin) < age(${transactionId}::text::xid)
    ) as "changedLater"
  from needed join pg_type t using (oid)
  left join pg_type e on e.typarray = t.oid`;
