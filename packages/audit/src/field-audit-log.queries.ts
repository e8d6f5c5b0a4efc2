import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { FieldAuditLog } from './field-audit-log.js';

/** Changes of one sensitive field of one row, newest first. */
export const listHistoryOfField = defineQuery(FieldAuditLog, {
  example: { entity_type: 'contractors', entity_id: '7', field: 'bank_account' },
  shape: ({ entity_type, entity_id, field, ...range }: EntityReference & { field: string } & TimeRange) => ({
    filter: { entity_type, entity_id, field, ...withinTime('changed_at', range) },
    sort: { changed_at: -1 },
  }),
});

/** The sensitive fields that one change touched, by name. */
export const listFieldsOfChange = defineQuery(FieldAuditLog, {
  example: { change_id: 'demo:0000000001A2B3C4:00000000' },
  shape: ({ change_id }: { change_id: string }) => ({ filter: { change_id }, sort: { field: 1 } }),
});

/** Sensitive fields that one person changed, newest first. */
export const listFieldChangesByUser = defineQuery(FieldAuditLog, {
  example: { changed_by: 'u-engineer-1' },
  shape: ({ changed_by, ...range }: { changed_by: string } & TimeRange) => ({
    filter: { changed_by, ...withinTime('changed_at', range) },
    sort: { changed_at: -1 },
  }),
});
