import type pg from 'pg';
import { formatLsn, parseLsn } from '../pgoutput/lsn.js';
import type { KeepShape, ToldShape } from '../reading/told-shapes.js';
import { describeTypes, type TypeRow } from '../values/read-types.js';

/** A shape as the table of shapes has it. */
interface ShapeRow {
  table_oid: number;
  commit_lsn: string;
  place: number;
  shape: { key: string[]; types: TypeRow[] } | null;
}

/**
 * Reads the shapes of tables that a source has told and that changes which are still to be read may need, in the log's
 * order; forgets those that none needs.
 */
export async function readShapes(client: pg.ClientBase, source: string, slot: string): Promise<ToldShape[]> {
  const { rows: tables } = await client.query<{ there: boolean }>(
    `select to_regclass('infratraq.capture_shape') is not null as there`,
  );
  if (tables[0]?.there !== true) return [];
  await client.query(forgetQuery, [source, slot]);
  const { rows } = await client.query<ShapeRow>(
    `select table_oid, commit_lsn::text, place, shape from infratraq.capture_shape
     where source = $1 order by commit_lsn, place`,
    [source],
  );
  return rows.map(({ table_oid: oid, commit_lsn, place, shape }) => ({
    oid,
    commitLsn: parseLsn(commit_lsn),
    place,
    description: shape ? { primaryKey: shape.key, types: describeTypes(shape.types) } : undefined,
  }));
}

/** Makes what keeps the shapes of a source. */
export function keepShapesOf(client: pg.ClientBase, source: string): KeepShape {
  return async ({ oid, commitLsn, place, message }) => {
    const shape = message === undefined ? null : JSON.stringify({ key: message.key, types: message.types });
    await client.query(
      'insert into infratraq.capture_shape values ($1, $2, $3, $4, $5) on conflict do nothing',
      [source, oid, formatLsn(commitLsn), place, shape],
    );
  };
}

// Transactions that committed before what the slot has confirmed don't come again: of the shapes that they told, only
// each table's last one still counts, unless the table is gone.
const forgetQuery = `
  with past as (
    select s.ctid as row, s.shape, row_number() over (
      partition by s.table_oid order by s.commit_lsn desc, s.place desc) as age
    from infratraq.capture_shape s
    join pg_replication_slots r on r.slot_name = $2 and s.commit_lsn < r.confirmed_flush_lsn
    where s.source = $1
  )
  delete from infratraq.capture_shape s
  where s.ctid in (select row from past where age > 1 or shape is null)
    or s.source not in (select p.source from infratraq.capture_position p where p.ended_at is null)`;
