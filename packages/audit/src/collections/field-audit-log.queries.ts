import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { FieldAuditLog, type FieldOperation } from './field-audit-log.js';
import { given } from './given.js';

/** Conditions that narrow a listing of the field audit further, within what its index finds. */
interface FieldConditions {
  readonly changed_by?: string | undefined;
  readonly operation?: FieldOperation | undefined;
}

/** Changes and readings of one sensitive field of one row, newest first. */
export const listHistoryOfField = defineQuery(FieldAuditLog, {
  example: { entity_type: 'contractors', entity_id: '7', field: 'bank_account' },
  shape: ({
    entity_type,
    entity_id,
    field,
    changed_by,
    operation,
    ...range
  }: EntityReference & { field: string } & FieldConditions & TimeRange) => ({
    filter: {
      entity_type,
      entity_id,
      field,
      ...given({ changed_by, operation }),
      ...withinTime('changed_at', range),
    },
    sort: { changed_at: -1 },
  }),
});

/** The sensitive fields that one change touched, or that were read of it, by name. */
export const listFieldsOfChange = defineQuery(FieldAuditLog, {
  example: { change_id: 'demo:0000000001A2B3C4:00000000' },
  shape: ({ change_id, changed_by, operation }: { change_id: string } & FieldConditions) => ({
    filter: { change_id, ...given({ changed_by, operation }) },
    sort: { field: 1 },
  }),
});

/** Sensitive fields that one person changed or read, newest first. */
export const listFieldChangesByUser = defineQuery(FieldAuditLog, {
  example: { changed_by: 'u-engineer-1' },
  shape: ({
    changed_by,
    operation,
    ...range
  }: { changed_by: string } & Pick<FieldConditions, 'operation'> & TimeRange) => ({
    filter: { changed_by, ...given({ operation }), ...withinTime('changed_at', range) },
    sort: { changed_at: -1 },
  }),
});
