import type { Postgres } from '@infratraq/postgres';
import type pg from 'pg';
import { isCaptured } from '../scope/is-captured.js';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { requireSlot } from '../slots/notice-lost-slot.js';
import { quoteTable, type TableName } from '../scope/table-name.js';
import { findTable } from '../scope/table-exclusion.js';

/**
 * Requests that tables are read into the changelog from their beginnings: the given ones, or all captured tables that
 * have rows. `runSnapshot` reads them. Answers the tables.
 * @throws InvalidInputError for a table that is not there
 */
export async function requestSnapshot(
  postgres: Postgres,
  { tables, ...names }: Partial<CaptureNames> & { tables?: readonly string[] } = {},
): Promise<string[]> {
  const { slot, publication } = resolveCaptureNames(postgres, names);
  const client = await postgres.pool.connect();
  try {
    if (tables === undefined) return await requestSnapshotOfFilledTables(client, slot, publication);
    const { source } = await requireSlot(client, slot);
    const found: TableName[] = [];
    for (const table of tables) found.push(await findTable(client, table));
    for (const table of found) await request(client, source, table);
    return found.map(quoteTable);
  } finally {
    client.release();
  }
}

/** The same for all captured tables that have rows. */
export async function requestSnapshotOfFilledTables(
  client: pg.ClientBase,
  slot: string,
  publication: string,
): Promise<string[]> {
  const { source } = await requireSlot(client, slot);
  const { rows } = await client.query<TableName>(
    `select schemaname as schema, tablename as table from pg_publication_tables where pubname = $1 order by 1, 2`,
    [publication],
  );
  const requested: string[] = [];
  for (const table of rows.filter((one) => isCaptured(one.schema, one.table))) {
    const filled = await client.query(`select 1 from ${quoteTable(table)} limit 1`);
    if (filled.rowCount === 0) continue;
    await request(client, source, table);
    requested.push(quoteTable(table));
  }
  return requested;
}

async function request(client: pg.ClientBase, source: string, table: TableName): Promise<void> {
  await client.query(requestQuery, [source, table.schema, table.table]);
}

// The planner's own estimate, over all partitions; where a table was never analysed, a guess from its size.
const requestQuery = `
  with forgotten as (
    delete from infratraq.capture_snapshot_skipped
    where source = $1 and schema_name = $2 and table_name = $3
  )
  insert into infratraq.capture_snapshot (source, schema_name, table_name, estimated_rows)
  select $1, $2, $3, coalesce(sum(
    case when leaf.reltuples < 0 then pg_relation_size(leaf.oid) / 100 else leaf.reltuples end), 0)::bigint
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select relid from pg_partition_tree(c.oid) where isleaf union all select c.oid where c.relkind = 'r'
  ) tree
  join pg_class leaf on leaf.oid = tree.relid
  where n.nspname = $2 and c.relname = $3
  on conflict (source, schema_name, table_name) do update set
    state = 'pending', last_key = null, rows_done = 0, estimated_rows = excluded.estimated_rows,
    requested_at = now(), started_at = null, finished_at = null`;
