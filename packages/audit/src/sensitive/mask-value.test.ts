import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mongo } from 'mongoose';
import { createMask } from './mask-value.js';

const mask = createMask('k'.repeat(32));

describe('a masked value', () => {
  it.each([
    ['DE12 3456 4711', 'DE•• •••• 4711'],
    ['mia@example.org', 'mi•@••••••e.org'],
    ['4711', '••••'],
    [mongo.Decimal128.fromString('83500.25'), '•••••.25'],
    [{ pin: 4711 }, '{"•••":••11}'],
  ])('keeps an outline at most: %p', (value, outline) => {
    expect(mask(value, 'partial')).toBe(outline);
  });

  it('shows no more than six letters or digits, and half of them, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const count = (shown: string) => shown.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
        const shown = count(mask(text, 'partial')!);
        expect(shown).toBeLessThanOrEqual(Math.min(6, count(text) / 2));
      }),
    );
  });

  it('as a digest tells equal values only, and only to who has the key', () => {
    expect(mask('a', 'digest')).toBe(mask('a', 'digest'));
    expect(mask('a', 'digest')).not.toBe(mask('b', 'digest'));
    expect(createMask('other')('a', 'digest')).not.toBe(mask('a', 'digest'));
  });

  it('as a whole tells nothing, but that there is none', () => {
    expect(mask('secret', 'full')).toBe('[masked]');
    for (const masking of ['full', 'digest', 'partial'] as const) expect(mask(null, masking)).toBeNull();
  });
});
