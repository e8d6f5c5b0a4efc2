import type { Postgres } from '@infratraq/postgres';
import type { RefusedDocument } from '../sinks/create-mongo-change-sink.js';

/**
 * Keeps a change that the changelog refused until `replayRefusedChanges` stores it; resolves once that is durable, so
 * that capture may go on. Of a prepared database.
 *
 * It is kept byte for byte in PostgreSQL: its values are from there, no limit of a document holds there, and whoever
 * reads dead letters sees none of them.
 */
export async function keepRefusedChange(
  postgres: Pick<Postgres, 'pool'>,
  { change, error, content }: RefusedDocument,
): Promise<void> {
  // Before the slot is told, never to be lost in a crash of PostgreSQL; offered again after one of capture.
  await postgres.pool.query(
    `insert into infratraq.capture_refused_change (change_id, entity_type, reason, content)
     select $1, $2, $3, $4 where set_config('synchronous_commit', 'on', true) is not null
     on conflict (change_id) do nothing`,
    [change._id, change.entity_type, error.reason.slice(0, 1_000), content],
  );
}
