import type { CreatedAt, Defaulted } from '@infratraq/postgres';
import type { FieldMasking } from '../collections/field-audit-log.js';

export interface SensitiveFieldTable {
  /** As changes name it: with its schema, unless that is `public`. */
  table_name: string;
  column_name: string;
  masking: Defaulted<FieldMasking>;
  reason: string;
  declared_at: CreatedAt;
}

/** The tables of the audit trail that are asked by query builder. */
export interface AuditTables {
  'infratraq.sensitive_fields': SensitiveFieldTable;
}
