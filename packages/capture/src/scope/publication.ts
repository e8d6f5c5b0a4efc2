import type pg from 'pg';
import { readEntityType } from './table-name.js';
import { isCapturedSql } from './is-captured.js';
import { quoteTable, type TableName } from './table-name.js';

/** What a publication is to hold; without either, everything but the exclusions. */
export interface CaptureScope {
  /** All tables of these schemas, those made later included. */
  schemas?: readonly string[];
  /** These tables besides, with their schema unless that is `public`. */
  tables?: readonly string[];
}

/** The tables and schemas of a publication, as SQL writes them; `all` where it is for all tables. */
export type PublicationContent = 'all' | readonly string[];

interface PublicationFacts {
  exists: boolean;
  content: PublicationContent;
  /** Whether it tells every change of what it holds, with all columns and rows. */
  complete: boolean;
}

/** What is published now. */
export async function readPublication(client: pg.ClientBase, publication: string): Promise<PublicationFacts> {
  const { rows } = await client.query<{ all: boolean; items: string[]; complete: boolean }>(
    publicationQuery,
    [publication],
  );
  const [found] = rows;
  if (found === undefined) return { exists: false, content: [], complete: false };
  return { exists: true, content: found.all ? 'all' : found.items, complete: found.complete };
}

/** What a publication of this scope holds. */
export async function resolveContent(
  client: pg.ClientBase,
  { schemas, tables }: CaptureScope,
  excluded: readonly TableName[],
): Promise<PublicationContent> {
  const isWhole = schemas === undefined && tables === undefined;
  if (isWhole && excluded.length === 0) return 'all';
  const left = new Set(excluded.map(quoteTable));
  const withExclusions = new Set(excluded.map(({ schema }) => schema));
  const found = await client.query<TableName>(tablesQuery);
  const named = new Set(tables?.flatMap((name) => readEntityType(name) ?? []).map(quoteTable));
  const items = (schemas ?? [])
    .filter((schema) => !withExclusions.has(schema))
    .map((schema) => `tables in schema "${schema.replaceAll('"', '""')}"`);
  for (const one of found.rows) {
    const wanted =
      isWhole ||
      named.has(quoteTable(one)) ||
      // A schema with exclusions can't be published as a whole.
      (schemas?.includes(one.schema) === true && withExclusions.has(one.schema));
    if (wanted && !left.has(quoteTable(one))) items.push(`table ${quoteTable(one)}`);
  }
  return items.sort();
}

/** What makes a publication hold that; a changed one is replaced in one transaction, so that nothing is missed. */
export async function writePublication(
  client: pg.ClientBase,
  publication: string,
  content: PublicationContent,
  exists: boolean,
): Promise<string> {
  const version = await client.query<{ number: number }>(
    `select current_setting('server_version_num')::int as number`,
  );
  const generated = (version.rows[0]?.number ?? 0) >= 180_000 ? ', publish_generated_columns = stored' : '';
  // What inherits from a table is a table of its own, which may be left out.
  const items = content === 'all' ? [] : content.map((item) => item.replace(/^table /, 'table only '));
  const objects = content === 'all' ? ' for all tables' : items.length > 0 ? ` for ${items.join(', ')}` : '';
  const create =
    `create publication ${publication}${objects} ` +
    `with (publish = 'insert, update, delete, truncate', publish_via_partition_root = true${generated})`;
  return exists ? `drop publication ${publication}; ${create}` : create;
}

/** The scope that was chosen before; everything where none was. */
export async function readScope(client: pg.ClientBase, publication: string): Promise<CaptureScope> {
  const { rows } = await client.query<{ schemas: string[] | null; tables: string[] | null }>(
    'select schemas, tables from infratraq.capture_publication where publication = $1',
    [publication],
  );
  const [scope] = rows;
  return {
    ...(scope?.schemas && { schemas: scope.schemas }),
    ...(scope?.tables && { tables: scope.tables }),
  };
}

export async function saveScope(
  client: pg.ClientBase,
  publication: string,
  { schemas, tables }: CaptureScope,
): Promise<void> {
  await client.query(
    `insert into infratraq.capture_publication (publication, schemas, tables) values ($1, $2, $3)
     on conflict (publication) do update set schemas = excluded.schemas, tables = excluded.tables`,
    [publication, schemas ?? null, tables ?? null],
  );
}

/**
 * Whether publication `p` tells every change of table `c` whole, as far as it holds the table by its
 * entry `r` or its schema's `s`.
 */
export const tellsAllSql = `
  p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate and (p.pubviaroot or c.relkind <> 'p')
  and (p.puballtables or s.oid is not null or r.oid is not null and r.prqual is null and r.prattrs is null)
  and (
    -- Since PostgreSQL 18.
    coalesce(to_jsonb(p) ->> 'pubgencols', 's') = 's' or not exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attgenerated = 's' and not a.attisdropped))`;

const publicationQuery = `
  select p.puballtables as all, array(
    select 'table ' || format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""'))
    from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
    where r.prpubid = p.oid
    union all
    select 'tables in schema ' || format('"%s"', replace(n.nspname, '"', '""'))
    from pg_publication_namespace s join pg_namespace n on n.oid = s.pnnspid where s.pnpubid = p.oid
  ) as items,
  p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate and p.pubviaroot
    -- Since PostgreSQL 18.
    and coalesce(to_jsonb(p) ->> 'pubgencols', 's') = 's'
    and not exists (
      select from pg_publication_rel r where r.prpubid = p.oid and (r.prqual is not null or r.prattrs is not null)
    ) as complete
  from pg_publication p where p.pubname = $1`;

const tablesQuery = `
  select n.nspname as schema, c.relname as table
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition and ${isCapturedSql}
  order by 1, 2`;
