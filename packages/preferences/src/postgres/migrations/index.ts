import type { MigrationList } from '@infratraq/postgres';
import { organisationPreferences } from './0001-organisation-preferences.js';

/** What organisations have laid down for their people. */
export const preferenceMigrations: MigrationList = {
  owner: 'preferences',
  steps: [organisationPreferences],
};
