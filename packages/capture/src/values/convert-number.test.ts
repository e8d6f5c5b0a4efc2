import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mongo } from 'mongoose';
import { convertBigint, convertNumeric } from './convert-number.js';

const sign = fc.constantFrom('', '-');
const digits = (most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: most }).map((all) => all.join(''));

it('reads every numeric as Decimal128 reads its text, scale included', () => {
  fc.assert(
    fc.property(sign, digits(20), fc.option(digits(20), { nil: undefined }), (minus, whole, decimals) => {
      const text = minus + whole + (decimals === undefined ? '' : `.${decimals}`);
      fc.pre((whole + (decimals ?? '')).replace(/^0+/, '').length <= 34);
      expect(String(convertNumeric(text))).toBe(String(mongo.Decimal128.fromString(text)));
    }),
    { numRuns: 2_000 },
  );
});

it('reads every int8 exactly, at the edges of what a double holds, too', () => {
  const edges = [
    '0',
    '-1',
    '4294967295',
    '-4294967296',
    '-4294967297',
    '99999999999999',
    '-9223372036854775808',
  ];
  const numbers = fc.oneof(fc.constantFrom(...edges), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String));
  fc.assert(
    fc.property(numbers, fc.nat(19), (text, length) => {
      const shortened = text.slice(0, Math.max(length, text.startsWith('-') ? 2 : 1));
      expect((convertBigint(shortened) as mongo.Long).toString()).toBe(BigInt(shortened).toString());
    }),
    { numRuns: 2_000 },
  );
});
