import { sql } from 'kysely';
import type { MigrationStep } from '../migration-list.js';

/** `infratraq.set_actor(…)`: how a program in any language says who is behind its transaction. */
export const actor: MigrationStep = {
  name: '0001-actor',
  formerly: '0001-actor',
  async up(transaction) {
    await sql`
    create function infratraq.set_actor(
      user_id text,
      session_id text default null,
      ip_address text default null,
      cause_id text default null,
      reason text default null
    ) returns void language sql volatile parallel unsafe
    as $$
      select pg_logical_emit_message(true, 'infratraq.actor', jsonb_strip_nulls(jsonb_build_object(
        'user_id', user_id, 'session_id', session_id, 'ip_address', ip_address,
        'cause_id', cause_id, 'reason', reason))::text)
    $$`.execute(transaction);
    // Every role that writes must be able to name its actor; the tables of the schema stay closed.
    await sql`grant usage on schema infratraq to public`.execute(transaction);
  },
};
