import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nameEntityType, readEntityType } from './table-name.js';

describe('the name of a table', () => {
  it.each([
    ['public', 'projects', 'projects'],
    ['cx', 't', 'cx.t'],
    ['public', 'cx.t', '"cx.t"'],
    ['cx', 'a.b', 'cx."a.b"'],
    ['a.b', 'c', '"a.b".c'],
    ['public', 'say "hi"', '"say ""hi"""'],
    ['public', '*', '"*"'],
    ['Über', 'Zwei Wörter', 'Über.Zwei Wörter'],
  ])('of schema %s and table %s is %s, and is read back', (schema, table, entityType) => {
    expect(nameEntityType({ schema, table })).toBe(entityType);
    expect(readEntityType(entityType)).toEqual({ schema, table });
  });

  it('is another one for every table', () => {
    const name = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom('a', '.', '"', '*', ' ') });
    fc.assert(
      fc.property(name, name, (schema, table) => {
        expect(readEntityType(nameEntityType({ schema, table }))).toEqual({ schema, table });
        expect(readEntityType(nameEntityType({ schema: 'public', table }))).toEqual({
          schema: 'public',
          table,
        });
      }),
    );
  });

  it('may be quoted without need and say public', () => {
    expect(readEntityType('public."projects"')).toEqual({ schema: 'public', table: 'projects' });
    for (const text of ['', '.', 'a.', '.b', 'a.b.c', '"a', 'a"b', '""'])
      expect(readEntityType(text)).toBeUndefined();
  });
});
