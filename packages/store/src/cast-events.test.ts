import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { compileCasting } from '@infratraq/ingest';
import { bindModels } from '@infratraq/mongo';
import fc from 'fast-check';
import mongoose, { mongo, Types, type Model, type Schema, type SchemaType } from 'mongoose';
import { store } from './index.js';

type Nesting = SchemaType & {
  schema?: Schema;
  embeddedSchemaType?: SchemaType;
  enumValues?: readonly (string | null)[];
};

const models = bindModels(
  mongoose.createConnection(),
  store.collections.map((definition) => definition.class),
);

/** What somebody might give for a field of this type: mostly right, now and then anything. */
function arbitraryValue(type: Nesting): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: rightValue(type) }, { weight: 1, arbitrary: anything });
}

const instants = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
// Some fields take midnight only.
const dates = fc.oneof(
  instants,
  instants.map((date) => new Date(date.getTime() - (date.getTime() % 86_400_000))),
);
const anything = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    '',
    'text',
    '12',
    'true',
    true,
    0,
    -1,
    1.5,
    Number.NaN,
    {},
    [],
    [null],
    ['x'],
  ),
  fc.constantFrom(
    { $gt: '' },
    { a: { b: 1 } },
    new Date(Number.NaN),
    () => 1,
    new Map([['a', 1]]),
    Buffer.from('a'),
  ),
  fc.constantFrom(
    new Types.ObjectId(),
    '0123456789abcdef01234567',
    new Date(1),
    '2026-01-01T00:00:00.000Z',
    5n,
  ),
);

function rightValue(type: Nesting): fc.Arbitrary<unknown> {
  const { schema, embeddedSchemaType } = type;
  if (type.instance === 'Array')
    return fc.array(schema ? arbitraryDocument(schema) : arbitraryValue(embeddedSchemaType as Nesting), {
      maxLength: 3,
    });
  if (schema) return arbitraryDocument(schema);
  const choices = (type.enumValues ?? []).filter((value) => typeof value === 'string');
  if (choices.length > 0) return fc.constantFrom(...choices);
  const {
    min = 1,
    max = min + 1_000,
    match,
  } = type.options as { min?: number; max?: number; match?: RegExp };
  switch (type.instance) {
    case 'Date':
      return dates;
    case 'Number':
      return fc.integer({ min: Math.ceil(min), max: Math.max(Math.ceil(min), max) });
    case 'Boolean':
      return fc.boolean();
    case 'ObjectId':
      return fc.constant(0).map(() => new Types.ObjectId());
    case 'Mixed':
      return fc.oneof(
        fc.jsonValue(),
        fc.dictionary(
          fc.stringMatching(/^[a-z_$]{1,6}$/),
          fc.oneof(fc.jsonValue(), dates, fc.constant(undefined)),
        ),
      );
    default:
      return match ? fc.stringMatching(match) : fc.string({ minLength: 1, maxLength: 12 });
  }
}

/** A document of a schema: required fields nearly always, others half of the time, an unknown one now and then. */
function arbitraryDocument(schema: Schema): fc.Arbitrary<object> {
  const fields = Object.entries(schema.paths).filter(([path]) => path !== '_id');
  const shape = Object.fromEntries(fields.map(([path, type]) => [path, arbitraryValue(type as Nesting)]));
  const required = fields.filter(([, type]) => type.isRequired).map(([path]) => path);
  const usual = fc.record(shape, { requiredKeys: required });
  return fc.oneof(
    { weight: 20, arbitrary: usual },
    { weight: 1, arbitrary: fc.record(shape, { requiredKeys: [] }) },
    { weight: 1, arbitrary: usual.map((document) => ({ ...document, unknown_field: 1 })) },
  );
}

/** What Mongoose makes of a document: what it would store, or undefined where it would refuse. */
async function castByMongoose(model: Model<object>, document: object): Promise<unknown> {
  try {
    const hydrated = new model(document);
    if (hydrated.errors) return undefined;
    await hydrated.validate();
    return asStored(hydrated.toObject({ depopulate: true, virtuals: false, getters: false }));
  } catch {
    return undefined;
  }
}

function castByWriter(cast: (event: object) => object, document: object): unknown {
  try {
    return asStored(cast(document));
  } catch {
    return undefined;
  }
}

/** The document as BSON holds it, without ids that each side makes for itself. */
function asStored(document: object): unknown {
  return withoutMadeIds(mongo.BSON.deserialize(mongo.BSON.serialize(document, { ignoreUndefined: true })));
}

function withoutMadeIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMadeIds);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => !(name === '_id' && inner instanceof mongo.ObjectId))
      .map(([name, inner]) => [name, withoutMadeIds(inner)]),
  );
}

describe.each(store.collections.map((definition) => [definition.name, definition] as const))(
  'an event of %s',
  (_name, definition) => {
    const model = models.of(definition.class) as Model<object>;
    const cast = compileCasting(definition.class, model);
    const idType = model.schema.path('_id') as unknown as SchemaType;
    const id = idType.instance === 'String' ? { _id: 'an-id' } : {};
    const { time } = definition.policy;

    it('is cast, refused and completed as Mongoose does it', async () => {
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(
          arbitraryDocument(model.schema as unknown as Schema),
          dates,
          async (document, now) => {
            // The writer gives the time of an event that has none.
            const given = document as Record<string, unknown>;
            const timed = { ...id, ...given, ...(time && given[time] === undefined && { [time]: now }) };
            const expected = await castByMongoose(model, withoutUndefined(timed));
            accepted += expected ? 1 : 0;
            expect(castByWriter(cast, timed)).toEqual(expected);
          },
        ),
        { numRuns: 60 },
      );
      expect(accepted).toBeGreaterThan(0);
    });
  },
);

function withoutUndefined(document: object): object {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));
}
