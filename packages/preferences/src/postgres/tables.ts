import type { Defaulted } from '@infratraq/postgres';
import type { ColumnType } from 'kysely';

export interface OrganisationPreferencesTable {
  organisation_id: string;
  /** Version of the settings' shape. */
  schema_version: number;
  /** Counts writes from 1. */
  version: number;
  settings: ColumnType<object, string, string>;
  updated_at: Defaulted<Date>;
}

/** The tables of preferences. */
export interface PreferenceTables {
  'infratraq.organisation_preferences': OrganisationPreferencesTable;
}
