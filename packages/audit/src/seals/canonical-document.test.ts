import { describe, expect, it } from '@jest/globals';
import { useModels } from '@infratraq/testing';
import fc from 'fast-check';
import { mongo } from 'mongoose';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { writeCanonical } from './canonical-document.js';

const database = useModels(EntityChangelog);

const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true, min: new Date(-8e12), max: new Date(8e12) }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => mongo.Long.fromBigInt(value)),
  fc.integer().map((value) => new mongo.Double(value)),
  fc.integer().map((value) => mongo.Decimal128.fromString(`${value}e-2`)),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => new mongo.Binary(bytes)),
);
const name = fc.oneof(fc.constantFrom('b', 'a', 'date', '€'), fc.stringMatching(/^[a-z]{1,3}$/));
const { content } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('content')),
  content: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));

describe('the canonical text', () => {
  it('is the same before a document is stored and after it is read', async () => {
    const { collection } = database.models.of(EntityChangelog);
    await fc.assert(
      fc.asyncProperty(content, fc.uuid(), async (row, id) => {
        const document = { _id: id as never, new_value: row };
        await collection.insertOne(document);
        const stored = await collection.findOne({ _id: id as never });
        expect(writeCanonical(stored!)).toBe(writeCanonical(document));
      }),
      { numRuns: 100 },
    );
  });

  it('does not depend on the order of fields, and leaves out what the lifecycle writes', () => {
    const stored = { b: 1, a: { d: [1], c: null }, expires_at: new Date(), archived_at: new Date() };
    expect(writeCanonical(stored)).toBe('{"a":{"c":null,"d":[1]},"b":1}');
  });

  it.each([
    [{ at: new Date(5) }, { at: { $date: '5' } }],
    [{ amount: mongo.Decimal128.fromString('1.0') }, { amount: mongo.Decimal128.fromString('1.00') }],
    [{ amount: mongo.Decimal128.fromString('1') }, { amount: 1 }],
    [{ amount: 1 }, { amount: '1' }],
    [{ amount: -0 }, { amount: 0 }],
    [{ inner: { expires_at: 1 } }, { inner: {} }],
    [{ a: null }, {}],
  ])('tells %j from %j', (one, other) => {
    expect(writeCanonical(one)).not.toBe(writeCanonical(other));
  });
});
