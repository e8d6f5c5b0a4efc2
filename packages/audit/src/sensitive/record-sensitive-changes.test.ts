import { beforeEach, expect, it } from '@jest/globals';
import type { Change } from '@infratraq/capture';
import { useModels } from '@infratraq/testing';
import { exampleDocuments } from '../example-documents.js';
import { FieldAuditLog } from '../collections/field-audit-log.js';
import { createMask } from './mask-value.js';
import { recordSensitiveChanges } from './record-sensitive-changes.js';
import type { DeclaredField } from './sensitive-fields.js';

const database = useModels(FieldAuditLog);
const mask = createMask('key');
let declared: DeclaredField[];
beforeEach(async () => {
  declared = [
    { table_name: 'contractors', column_name: 'iban', masking: 'partial' },
    { table_name: 'contractors', column_name: 'tax_number', masking: 'full' },
  ];
  await database.models.of(FieldAuditLog).deleteMany({});
});

function makeChange(position: number, given: Partial<Change>): Change {
  const {
    omitted_fields: _omitted,
    unchanged_fields: _unchanged,
    ...example
  } = exampleDocuments.EntityChangelog();
  const _id = `test:0000000000000001:${position.toString(16).padStart(8, '0')}`;
  return { ...example, _id, entity_type: 'contractors', entity_id: '7', position, ...given } as Change;
}

const inserted = makeChange(1, {
  operation: 'INSERT',
  old_value: null,
  new_value: { id: 7, name: 'Kerb Ltd', iban: 'DE12 3456 4711', tax_number: null },
  changed_fields: ['id', 'name', 'iban', 'tax_number'],
});
const updated = makeChange(2, {
  operation: 'UPDATE',
  old_value: { id: 7, name: 'Kerb Ltd', iban: 'DE12 3456 4711', tax_number: null },
  new_value: { id: 7, name: 'Kerb and Son', iban: 'DE12 3456 0815', tax_number: '99' },
  changed_fields: ['name', 'iban', 'tax_number'],
  reason: 'new bank',
});

async function record(...changes: Change[]): Promise<void> {
  const fields = { list: async () => declared };
  const consumer = recordSensitiveChanges({ models: database.models, fields, mask });
  await consumer.handle(changes, { signal: new AbortController().signal });
}
const entries = () => database.models.of(FieldAuditLog).find().sort({ _id: 1 }).lean();

it('records each sensitive field of a change, masked before and after, once however often changes come', async () => {
  await record(inserted);
  await record(inserted, updated);
  await record(updated);
  expect(await entries()).toMatchObject([
    { _id: `${inserted._id}:iban`, operation: 'INSERT', new_value: 'DE•• •••• 4711', masking: 'partial' },
    {
      _id: `${updated._id}:iban`,
      change_id: updated._id,
      old_value: 'DE•• •••• 4711',
      new_value: 'DE•• •••• 0815',
      changed_by: updated.changed_by,
      reason: 'new bank',
    },
    { _id: `${updated._id}:tax_number`, new_value: '[masked]' },
  ]);
  expect(JSON.stringify(await entries())).not.toContain('3456');
});

it('takes what is declared or withdrawn meanwhile into account with the next changes', async () => {
  declared = [];
  await record(inserted);
  expect(await entries()).toEqual([]);
  declared = [{ table_name: 'contractors', column_name: 'name', masking: 'digest' }];
  await record(updated);
  expect(await entries()).toMatchObject([{ field: 'name', old_value: expect.stringMatching(/^hmac:/) }]);
});

it('records the emptying of a table and a gap, and takes no snapshot for a change', async () => {
  const gone = { old_value: null, new_value: null, changed_fields: [], entity_id: '*' };
  await record(
    makeChange(3, { ...gone, operation: 'TRUNCATE' }),
    makeChange(4, { ...gone, operation: 'GAP', entity_type: '*' }),
    makeChange(5, { ...inserted, _id: 'test:1:5', operation: 'SNAPSHOT' }),
  );
  expect((await entries()).map(({ operation, field }) => [operation, field])).toEqual([
    ['TRUNCATE', 'iban'],
    ['TRUNCATE', 'tax_number'],
    ['GAP', '*'],
  ]);
});
