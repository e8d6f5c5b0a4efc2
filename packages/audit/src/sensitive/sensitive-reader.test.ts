import { expect, it } from '@jest/globals';
import { createMask } from './mask-value.js';
import { SensitiveReader } from './sensitive-reader.js';

const mask = createMask('key');

it('masks a row once that is known by two names, and shows nothing where they are declared otherwise', async () => {
  const declare = (table_name: string, column_name: string, masking: 'digest' | 'partial') => ({
    table_name,
    column_name,
    masking,
  });
  const reader = new SensitiveReader({
    models: undefined as never,
    fields: {
      list: async () => [
        declare('staff', 'iban', 'digest'),
        declare('people', 'iban', 'digest'),
        declare('staff', 'phone', 'digest'),
        declare('people', 'phone', 'partial'),
        declare('people', 'name', 'partial'),
      ],
    },
    mask,
  });
  const row = { id: 1, iban: 'DE12 3456 4711', phone: '030 4711', name: 'Mia Kerb' };
  const shown = await reader.showRow({
    entity_type: 'staff',
    known_as: 'people',
    entity_id: '1',
    at: new Date(),
    row,
    since: null,
    told_by: 'c1',
  });
  expect(shown).toEqual({
    id: 1,
    iban: mask(row.iban, 'digest'),
    phone: '[masked]',
    name: mask(row.name, 'partial'),
  });
});
