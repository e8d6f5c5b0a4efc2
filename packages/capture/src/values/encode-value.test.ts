import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mongo } from 'mongoose';
import { BsonBuffer, encodeName } from '../encoding/bson-buffer.js';
import { createConverterFinder } from './converters.js';
import { makeEncoder } from './encode-value.js';
import { builtInTypes, findBuiltInOid } from './built-in-types.js';

const numbers = fc.oneof(
  fc.bigInt(-(2n ** 70n), 2n ** 70n).map(String),
  fc.integer().map(String),
  fc.tuple(fc.integer(), fc.nat(999_999)).map(([whole, decimals]) => `${whole}.${decimals}`),
  fc.double().map(String),
  fc.constantFrom('0', '-0', '0.00', '-0.0', '2147483648', '-2147483649', '999999999999999', '1e300', 'NaN'),
);
const years = fc.constantFrom('0001', '0099', '0100', '1999', '2026', '9999', '12026');
const instants = fc
  .tuple(years, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), fc.nat(23), fc.nat(59))
  .chain(([year, month, day, hour, minute]) =>
    fc
      .constantFrom(':09', ':59.1', ':00.12', ':00.123', ':00.123456')
      .chain((second) =>
        fc
          .constantFrom('+00', '+00 BC', '+05:30', '')
          .map(
            (zone) =>
              `${year}-${[month, day].map(pad).join('-')} ${[hour, minute].map(pad).join(':')}${second}${zone}`,
          ),
      ),
  );
const pad = (value: number) => String(value).padStart(2, '0');
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom('t', 'f', 'true', '', 'infinity', '\\x', '\\x00ff', '\\xabc', '\\xzz'),
  numbers,
  instants,
);

const types = [
  'text',
  'boolean',
  'integer',
  'bigint',
  'oid',
  'double precision',
  'numeric',
  'timestamptz',
  'bytea',
  'jsonb',
  'int4[]',
];

it.each(types)('writes every text of %s as the driver writes its value', (typeName) => {
  const oid = findBuiltInOid(typeName)!;
  const type = builtInTypes.get(oid)!;
  const convert = createConverterFinder(new Map())(oid);
  const encode = makeEncoder({ form: type.kind === 'scalar' ? type.form : undefined, convert });
  fc.assert(
    fc.property(texts, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text, name) => {
      fc.pre(!name.includes('\0') && name !== '__proto__');
      // Small, so that it grows; amid other bytes, as values of a message are.
      const target = new BsonBuffer(8);
      const source = Buffer.from(`<${text}>`);
      const document = target.begin();
      encode(target, encodeName(name), source, 1, source.length - 1);
      target.end(document);
      const expected = mongo.BSON.serialize({ [name]: convert(text) });
      expect(target.bytes.subarray(0, target.offset).toString('hex')).toBe(
        Buffer.from(expected).toString('hex'),
      );
    }),
    { numRuns: 300 },
  );
});

it('makes texts valid that a database without an encoding holds', () => {
  const encode = makeEncoder({ form: 'text', convert: String });
  for (const length of [1, 100]) {
    const target = new BsonBuffer(8);
    const source = Buffer.alloc(length, 0xe9);
    const document = target.begin();
    encode(target, encodeName('name'), source, 0, length);
    target.end(document);
    expect(mongo.BSON.deserialize(target.bytes.subarray(0, target.offset))).toEqual({
      name: '\ufffd'.repeat(length),
    });
  }
});

it('writes the text of a value that can not be converted, and tells why', () => {
  const faults: unknown[] = [];
  const fault = new RangeError('Maximum call stack size exceeded');
  const convert = () => {
    throw fault;
  };
  const encode = makeEncoder({ form: 'json', convert, onFault: (error) => faults.push(error) });
  const target = new BsonBuffer(10);
  encode(target, encodeName('v'), Buffer.from('[1]'), 0, 3);
  expect(target.bytes.subarray(0, target.offset).toString('latin1')).toBe('\x02v\0\x04\0\0\0[1]\0');
  expect(faults).toEqual([fault]);
});

it('writes as text what has more parts than a document is to have', () => {
  const encode = makeEncoder({ form: undefined, convert: () => [] });
  const many = Buffer.from(`{${'1,'.repeat(100_000)}1}`);
  const target = new BsonBuffer(10);
  encode(target, encodeName('v'), many, 0, many.length);
  expect(target.bytes[0]).toBe(2);
  target.restart(0);
  encode(target, encodeName('v'), Buffer.from('{1,2}'), 0, 5);
  expect(target.bytes[0]).toBe(4);
});
