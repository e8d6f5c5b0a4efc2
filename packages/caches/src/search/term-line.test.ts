import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { placeBehind, termAt, termsOnLine } from './term-line.js';

it('has exact places, whose terms follow one another in the order of the database', () => {
  expect(Number.isSafeInteger(termsOnLine)).toBe(true);
  const place = fc.nat({ max: Number.MAX_SAFE_INTEGER }).map((number) => number % termsOnLine);
  fc.assert(
    fc.property(place, place, fc.string({ unit: 'grapheme' }), (one, other, prefix) => {
      const [first, second] = [termAt(prefix, one), termAt(prefix, other)].map((term) => Buffer.from(term));
      expect(Math.sign(Buffer.compare(first!, second!))).toBe(Math.sign(one - other));
    }),
  );
});

it('finds the place behind any term', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (prefix, rest) => {
      const place = placeBehind(prefix, prefix + rest);
      if (place < termsOnLine) expect(termAt(prefix, place) > prefix + rest).toBe(true);
      if (place > 0) expect(termAt(prefix, place - 1) > prefix + rest).toBe(false);
    }),
  );
});
