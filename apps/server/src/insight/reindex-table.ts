import { SearchIndexCache } from '@infratraq/caches';
import type { EntityReference } from '@infratraq/kernel';
import { trusted, type Models } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import { readEntityType } from '@infratraq/capture';
import { describeRow, listShownColumns, type SearchableTable } from './searchable-tables.js';

const rowsAtOnce = 500;

/** Where rows are read from and where they are found. */
export interface Reindexing {
  readonly models: Models;
  readonly pool: Postgres['pool'];
  /** The scopes of entities, in their order. */
  readonly scopesOf: (entities: readonly EntityReference[]) => Promise<readonly string[][]>;
}

/**
 * Indexes a table anew as its rows are now, because other columns of it may be shown, or changes were missed: entries keep their place in the
 * stream, so that later changes overwrite them as ever.
 */
export async function reindexTable(
  { models, pool, scopesOf }: Reindexing,
  table: SearchableTable,
  isHidden: (column: string) => boolean,
): Promise<void> {
  const search = models.of(SearchIndexCache);
  const startedAt = new Date();
  const there = await listColumns(pool, table);
  const columns = listShownColumns(table).filter((column) => !isHidden(column) && there.has(column));
  if (columns.includes(table.key) && columns.includes(table.title))
    for (let last: unknown = undefined; ;) {
      const { rows } = await pool.query<Record<string, unknown>>(
        `select ${columns.map(quote).join(', ')} from ${nameTable(table)}
         ${last === undefined ? '' : `where ${quote(table.key)} > $1`} order by ${quote(table.key)} limit ${rowsAtOnce}`,
        last === undefined ? [] : [last],
      );
      const scopes = await scopesOf(
        rows.map((row) => ({ entity_type: table.entityType, entity_id: String(row[table.key]) })),
      );
      const writes = rows.flatMap((row, place) => {
        const described = describeRow(table, row);
        if (described === undefined) return [];
        const filter = { entity_type: table.entityType, entity_id: String(row[table.key]) };
        const update = { $set: { ...described, scopes: scopes[place] ?? [], indexed_at: startedAt } };
        return [{ updateOne: { filter, update, upsert: true } }];
      });
      if (writes.length > 0) await search.bulkWrite(writes, { ordered: false });
      if (rows.length < rowsAtOnce) break;
      last = rows.at(-1)?.[table.key];
    }
  // Rows that are gone, and all where their title is hidden.
  await search.deleteMany({ entity_type: table.entityType, indexed_at: trusted({ $lt: startedAt }) });
}

/** The columns that the table has now; none where it has been dropped since. */
async function listColumns(pool: Postgres['pool'], table: SearchableTable): Promise<Set<string>> {
  const { rows } = await pool.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [nameTable(table)],
  );
  return new Set(rows.map(({ name }) => name));
}

function nameTable({ entityType }: SearchableTable): string {
  const { schema = '', table = '' } = readEntityType(entityType) ?? {};
  return `${quote(schema)}.${quote(table)}`;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
