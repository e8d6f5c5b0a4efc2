import type { MigrationList } from '@infratraq/postgres';
import { sql } from 'kysely';

/** What was revoked of links that are signed, and stored nowhere. */
export const linkMigrations: MigrationList = {
  owner: 'links',
  steps: [
    {
      name: '0001-revoked-links',
      async up(transaction) {
        await sql`
          create table infratraq.revoked_links (
            -- One link, or all links of a file or a person.
            subject text primary key,
            revoked_at timestamptz(3) not null,
            revoked_by text not null
          )`.execute(transaction);
      },
    },
  ],
};
