import type { MigrationList } from '@infratraq/postgres';
import { sql } from 'kysely';

export const partMigrations: MigrationList = {
  owner: 'parts',
  steps: [
    { name: '0001-parts', up: async (transaction) => void (await sql`create table …`.execute(transaction)) },
  ],
};
