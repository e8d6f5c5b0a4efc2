import type { Change, ChangeConsumer } from '@infratraq/capture';
import { acceptDuplicates, type Models } from '@infratraq/mongo';
import { FieldAuditLog } from '../collections/field-audit-log.js';
import type { Mask } from './mask-value.js';
import { readDeclarations, type Declarations, type SensitiveFields } from './sensitive-fields.js';

/** What recording works with. */
export interface SensitiveChangesOptions {
  readonly models: Models;
  readonly fields: SensitiveFields;
  readonly mask: Mask;
}

/**
 * The consumer that writes `field_audit_log`: one entry for every change of a sensitive field, with the values masked.
 *
 * A declaration takes effect with the next changes; replay the consumer for earlier ones.
 */
export function recordSensitiveChanges({ models, fields, mask }: SensitiveChangesOptions): ChangeConsumer {
  return {
    name: 'field-audit',
    handle: async (changes) => {
      const declarations = await readDeclarations(fields);
      const entries = changes.flatMap((change) => describeEntries(change, declarations, mask));
      if (entries.length === 0) return;
      const inserts = entries.map((document) => ({ insertOne: { document } }));
      await models
        .of(FieldAuditLog)
        .bulkWrite(inserts, { ordered: false, throwOnValidationError: true })
        // Changes may come again: their entries are there, under the same ids.
        .catch(acceptDuplicates);
    },
  };
}

function describeEntries(change: Change, declarations: Declarations, mask: Mask): FieldAuditLog[] {
  const { operation, changed_fields, uncertain_fields = [], old_value, new_value } = change;
  // The changes within a gap are unknown, and neither a snapshot nor another name changes a value.
  if (operation === 'GAP') return [{ ...beginEntry(change, '*'), masking: 'full' }];
  if (operation === 'SNAPSHOT' || operation === 'RENAME' || operation === 'ALTER') return [];
  const entries: FieldAuditLog[] = [];
  for (const [field, masking] of declarations.of(change.entity_type)) {
    const entry = { ...beginEntry(change, field), masking };
    if (operation === 'TRUNCATE' || operation === 'DROP') entries.push(entry);
    if (![...changed_fields, ...uncertain_fields].includes(field)) continue;
    const [before, after] = [mask(old_value?.[field], masking), mask(new_value?.[field], masking)];
    if (before === null && after === null && operation !== 'UPDATE') continue;
    entries.push({
      ...entry,
      ...(before !== null && { old_value: before }),
      ...(after !== null && { new_value: after }),
    });
  }
  return entries;
}

function beginEntry(change: Change, field: string) {
  const {
    _id: change_id,
    entity_type,
    entity_id,
    operation,
    changed_by,
    changed_at,
    transaction_id,
  } = change;
  const { ip_address, session_id, cause_id, reason } = change;
  return {
    _id: `${change_id}:${field}`,
    change_id,
    entity_type,
    entity_id,
    field,
    operation,
    changed_by,
    changed_at,
    transaction_id,
    ...(ip_address !== undefined && { ip_address }),
    ...(session_id !== undefined && { session_id }),
    ...(cause_id !== undefined && { cause_id }),
    ...(reason !== undefined && { reason }),
  };
}
