import { auditMigrations } from '@infratraq/audit/postgres';
import { integrationMigrations } from '@infratraq/integration/postgres';
import { messagingMigrations } from '@infratraq/messaging/postgres';
import { notificationMigrations } from '@infratraq/notifications/postgres';
import type { MigrationList } from '@infratraq/postgres';
import { preferenceMigrations } from '@infratraq/preferences/postgres';

/** The migrations of every domain of this server; the platform's run before them. */
export const migrations: readonly MigrationList[] = [
  auditMigrations,
  integrationMigrations,
  messagingMigrations,
  notificationMigrations,
  preferenceMigrations,
];
