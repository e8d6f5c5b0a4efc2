import type pg from 'pg';

/** A column as PostgreSQL's catalog has it. */
export interface ObservedColumn {
  readonly name: string;
  readonly attnum: number;
  readonly type: string;
  /** Kind and category of its type (`bN`, `eE`, `cC`). */
  readonly form: string;
  /** Whether PostgreSQL computes or numbers it. */
  readonly generated: boolean;
  /** Of an enum, in order. */
  readonly labels: readonly string[] | null;
  /** Of a composite, by their numbers, in order. */
  readonly attributes: readonly number[] | null;
}

/** What a value is called, and what it is apart from names: the place of an enum's label, a composite's fields in order. */
export type ObservedValue = readonly [told: string | null, place: string | null];

/** A table, and its rows where they were asked for. */
export interface ObservedTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'r' | 'p';
  readonly isPartition: boolean;
  /** The partitioned table that it is a part of. */
  readonly root: string | null;
  readonly persistence: 'p' | 'u';
  readonly key: readonly string[] | null;
  readonly keyConstraint: string | null;
  readonly columns: readonly ObservedColumn[];
  readonly rows: readonly (readonly ObservedValue[])[];
}

/** What PostgreSQL itself says at a moment. */
export interface Observation {
  /** No commit before it is later, and none after it is as early. */
  readonly at: Date;
  readonly tables: readonly ObservedTable[];
}

/** Makes the function that observes. */
export async function createObserver(client: pg.ClientBase): Promise<void> {
  await client.query(observer);
}

/** Says what tables there are, without their rows. */
export async function describeTables(client: pg.ClientBase, prefix: string): Promise<ObservedTable[]> {
  const { rows } = await client.query<{ tables: ObservedTable[] }>(
    'select oracle.observe($1, false) as tables',
    [prefix],
  );
  return rows[0]!.tables;
}

/** Says what tables and rows there are, between two milliseconds of commits. */
export async function observe(client: pg.ClientBase, prefix: string): Promise<Observation> {
  const { rows } = await client.query<{ at: string; tables: ObservedTable[] }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::bigint as at, oracle.observe($1, true) as tables,
       pg_sleep(0.003)`,
    [prefix],
  );
  const { at, tables } = rows[0]!;
  return { at: new Date(Number(at)), tables };
}

const observer = `
  create schema if not exists oracle;
  create or replace function oracle.observe(prefix text, with_rows boolean) returns jsonb language plpgsql as $body$
  declare
    seen record;
    found jsonb;
    result jsonb := '[]';
  begin
    for seen in
      select c.oid, n.nspname as schema, c.relname as name, c.relkind as kind, c.relispartition as part,
        (select r.relname from pg_class r where r.oid = pg_partition_root(c.oid) and r.oid <> c.oid) as root,
        c.relpersistence as persistence,
        (select jsonb_agg(a.attname order by k.place) from pg_index i
          cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
          where i.indrelid = c.oid and i.indisprimary) as key,
        (select conname from pg_constraint where conrelid = c.oid and contype = 'p') as key_constraint,
        (select jsonb_agg(jsonb_build_object('name', a.attname, 'attnum', a.attnum,
            'type', format_type(a.atttypid, a.atttypmod), 'form', t.typtype::text || t.typcategory::text,
            'generated', a.attgenerated <> '' or a.attidentity <> '',
            'labels', (select jsonb_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = t.oid),
            'attributes', (select jsonb_agg(m.attnum order by m.attnum) from pg_attribute m
              where m.attrelid = nullif(t.typrelid, 0) and m.attnum > 0 and not m.attisdropped))
            order by a.attnum)
          from pg_attribute a join pg_type t on t.oid = a.atttypid
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
        (select string_agg(format('jsonb_build_array(%s, %s)',
            case when t.typtype = 'c' or t.typcategory = 'A' or t.typname in ('json', 'jsonb')
              then format('to_jsonb(%I)::text', a.attname) else format('%I::text', a.attname) end,
            case when t.typtype = 'e'
              then format('(select enumsortorder::text from pg_enum where enumtypid = %s and enumlabel = %I::text)',
                t.oid, a.attname)
              else format('%I::text', a.attname) end), ', ' order by a.attnum)
          from pg_attribute a join pg_type t on t.oid = a.atttypid
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as cells
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p')
        and (n.nspname in (prefix, prefix || 'x', prefix || 'y') or n.nspname = 'public' and c.relname like prefix || 'x.%')
      order by c.oid
    loop
      found := '[]';
      if with_rows and not seen.part then
        execute format('select coalesce(jsonb_agg(jsonb_build_array(%s)), ''[]'') from %I.%I',
          seen.cells, seen.schema, seen.name) into found;
      end if;
      result := result || jsonb_build_array(jsonb_build_object('oid', seen.oid::bigint, 'schema', seen.schema, 'name', seen.name,
        'kind', seen.kind, 'isPartition', seen.part, 'root', seen.root, 'persistence', seen.persistence,
        'key', seen.key, 'keyConstraint', seen.key_constraint, 'columns', seen.columns, 'rows', found));
    end loop;
    return result;
  end
  $body$`;
