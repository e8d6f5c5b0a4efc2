import { currentActor } from '@infratraq/kernel';
import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * Writes the current actor into the open transaction, so that capture attributes its changes to them.
 *
 * Must be the transaction's first statement: changes written earlier show as direct SQL.
 * Outside any actor it writes nothing.
 */
export async function emitActor(transaction: QueryExecutorProvider, reason?: string): Promise<void> {
  const actor = currentActor();
  if (actor === undefined) return;
  await sql`select infratraq.set_actor(
    user_id => ${actor.user_id}::text,
    session_id => ${actor.session_id ?? null}::text,
    ip_address => ${actor.ip_address ?? null}::text,
    cause_id => ${actor.cause_id}::text,
    reason => ${reason ?? actor.reason ?? null}::text
  )`.execute(transaction);
}
