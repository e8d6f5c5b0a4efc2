import { sql } from 'kysely';
import type { MigrationStep } from '../migration-list.js';

/** Where else a user is reached, and which addresses take no messages any longer. */
export const addresses: MigrationStep = {
  name: '0004-addresses',
  formerly: '0009-notifications',
  async up(transaction) {
    await sql`
      alter table infratraq.users
        add column phone text check (phone ~ '^\\+[1-9][0-9]{1,14}$'),
        add column retired_email text,
        add column retired_phone text`.execute(transaction);
  },
};
