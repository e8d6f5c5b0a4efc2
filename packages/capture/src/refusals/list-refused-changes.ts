import type { Postgres } from '@infratraq/postgres';
import type { Change } from '../encoding/change.js';
import { hasCaptureTables } from '../preparation/capture-tables.js';
import { readRefusedContent, type RefusedChange } from './refused-change.js';

/**
 * Lists the changes that the changelog has refused and that were not replayed since, in their order: all of them, or
 * at most `limit` that follow the change `after`.
 */
export async function listRefusedChanges(
  postgres: Pick<Postgres, 'pool'>,
  { after, limit }: { after?: string | undefined; limit?: number } = {},
): Promise<RefusedChange[]> {
  if (!(await hasCaptureTables(postgres.pool))) return [];
  const { rows } = await postgres.pool.query<RefusedChange>(
    `select change_id, entity_type, refused_at, attempts, reason from infratraq.capture_refused_change
     where $1::text is null or change_id > $1 order by 1 limit $2`,
    [after ?? null, limit ?? null],
  );
  return rows;
}

/** Which ids are meant. */
export interface RefusedRange {
  /** Exclusive. */
  readonly after?: string | undefined;
  /** Inclusive. */
  readonly from?: string | undefined;
  readonly below?: string | undefined;
  /** Inclusive. */
  readonly upTo?: string | undefined;
}

/** Reads those changes whole, one at a time, for each may be as large as a document. */
export async function* readRefusedChanges(
  postgres: Pick<Postgres, 'pool'>,
  { after, from, below, upTo }: RefusedRange = {},
): AsyncGenerator<Change> {
  if (!(await hasCaptureTables(postgres.pool))) return;
  for (let last = after; ;) {
    const { rows } = await postgres.pool.query<{ change_id: string; content: Buffer }>(
      `select change_id, content from infratraq.capture_refused_change
       where ($1::text is null or change_id > $1) and ($2::text is null or change_id >= $2)
         and ($3::text is null or change_id < $3) and ($4::text is null or change_id <= $4)
       order by change_id limit 1`,
      [last ?? null, from ?? null, below ?? null, upTo ?? null],
    );
    const [row] = rows;
    if (row === undefined) return;
    yield readRefusedContent(row.content);
    last = row.change_id;
  }
}
