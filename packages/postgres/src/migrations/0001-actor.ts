import { sql, type Kysely } from 'kysely';

/** `infratraq.set_actor(…)`: how a program in any language says who is behind its transaction. */
export async function up(db: Kysely<unknown>): Promise<void> {
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
    $$`.execute(db);
  // Every role that writes must be able to name its actor; the tables of the schema stay closed.
  await sql`grant usage on schema infratraq to public`.execute(db);
}
