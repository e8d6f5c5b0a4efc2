import type pg from 'pg';
import type { RelationMessage } from '../pgoutput/messages.js';
import { quoteTable, type TableName } from '../scope/table-name.js';

/** A table as it is to be read, with its columns as they are published. */
export interface SnapshotTable {
  relation: RelationMessage;
  /** For FROM: a table without its children, a partitioned one with its partitions. */
  sql: string;
  /** Columns of the primary key, in the key's order; empty where there is none. */
  key: { name: string; type: string; index: number }[];
  /** Where the operators of the key's types are, besides PostgreSQL's own. */
  keySchemas: string[];
}

/** Describes a published table; undefined where it is gone, or published no longer. */
export async function describeSnapshotTable(
  client: pg.ClientBase,
  publication: string,
  name: TableName,
): Promise<SnapshotTable | undefined> {
  const { rows } = await client.query<TableFacts>(factsQuery, [publication, name.schema, name.table]);
  const [facts] = rows;
  if (facts === undefined) return undefined;
  const columns = facts.columns.map(({ name: column, type_oid }) => ({
    name: column,
    typeOid: Number(type_oid),
    identity: facts.replica_identity === 'f' || facts.key.some((key) => key.name === column),
  }));
  return {
    relation: {
      tag: 'relation',
      oid: Number(facts.oid),
      ...name,
      replicaIdentity: facts.replica_identity,
      columns,
    },
    sql: `${facts.kind === 'p' ? '' : 'only '}${quoteTable(name)}`,
    keySchemas: [...new Set(facts.key.flatMap(({ schema }) => schema ?? []))],
    key: facts.key.map(({ name: column, type }) => ({
      name: column,
      type,
      index: columns.findIndex((one) => one.name === column),
    })),
  };
}

/** A column's name in SQL. */
export function quoteColumn(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

interface TableFacts {
  oid: string;
  kind: string;
  replica_identity: string;
  columns: { name: string; type_oid: string }[];
  /** `schema`: of the type, where that is not PostgreSQL's own. */
  key: { name: string; type: string; schema: string | null }[];
}

const factsQuery = `
  select c.oid::text as oid, c.relkind as kind, c.relreplident as replica_identity,
    (select jsonb_agg(jsonb_build_object('name', a.attname, 'type_oid', a.atttypid::text) order by a.attnum)
     from pg_catalog.pg_attribute a
     where a.attrelid = c.oid and a.attname = any(p.attnames)) as columns,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'schema', nullif(ts.nspname, 'pg_catalog')) order by k.place)
      from pg_catalog.pg_index i
      cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      join pg_catalog.pg_type t on t.oid = a.atttypid
      join pg_catalog.pg_namespace ts on ts.oid = t.typnamespace
      where i.indrelid = c.oid and i.indisprimary and k.place <= i.indnkeyatts
    ), '[]') as key
  from pg_catalog.pg_publication_tables p
  join pg_catalog.pg_namespace n on n.nspname = p.schemaname
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
  where p.pubname = $1 and p.schemaname = $2 and p.tablename = $3`;
