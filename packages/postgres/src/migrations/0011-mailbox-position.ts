import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table infratraq.mailbox_position (
      mailbox text primary key,
      uid_validity text not null,
      last_uid bigint not null check (last_uid >= 0),
      moved_at timestamptz(3) not null default now()
    )`.execute(db);
}
