import type { MigrationList } from '@infratraq/postgres';
import { seals } from './0001-seals.js';
import { sensitiveFields } from './0002-sensitive-fields.js';
import { sealHead } from './0003-seal-head.js';
import { followRenames } from './0004-follow-renames.js';

/** Seals of the audit trail, and which columns are sensitive. */
export const auditMigrations: MigrationList = {
  owner: 'audit',
  steps: [seals, sensitiveFields, sealHead, followRenames],
};
