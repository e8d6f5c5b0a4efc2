import type { Postgres } from '@infratraq/postgres';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';

/** How far a table has been read into the changelog. */
export interface SnapshotProgress {
  /** With its schema. */
  table: string;
  state: 'pending' | 'running' | 'done';
  rows_done: number;
  /** PostgreSQL's estimate from when the snapshot was asked for. */
  estimated_rows: number;
  /** Rows that others held when their turn came: they are read once they are free. */
  rows_skipped: number;
}

/** Answers the progress of every table that was asked for since the slot was made; none where it never was. */
export async function readSnapshotProgress(
  postgres: Postgres,
  names?: Partial<CaptureNames>,
): Promise<SnapshotProgress[]> {
  const { slot } = resolveCaptureNames(postgres, names);
  const there = await postgres.pool.query<{ there: boolean }>(
    `select to_regclass('infratraq.capture_snapshot') is not null as there`,
  );
  if (there.rows[0]?.there !== true) return [];
  const { rows } = await postgres.pool.query<Record<string, string>>(progressQuery, [slot]);
  return rows.map(({ table, state, rows_done, estimated_rows, rows_skipped }) => ({
    table: table as string,
    state: state as SnapshotProgress['state'],
    rows_done: Number(rows_done),
    estimated_rows: Number(estimated_rows),
    rows_skipped: Number(rows_skipped),
  }));
}

const progressQuery = `
  select format('%I.%I', s.schema_name, s.table_name) as table, s.state,
    s.rows_done::text, s.estimated_rows::text, (
      select count(*) from infratraq.capture_snapshot_skipped k
      where (k.source, k.schema_name, k.table_name) = (s.source, s.schema_name, s.table_name)
    )::text as rows_skipped
  from infratraq.capture_snapshot s
  join infratraq.capture_position p on p.source = s.source
  where p.slot_name = $1 and p.ended_at is null
  order by s.requested_at, 1`;
