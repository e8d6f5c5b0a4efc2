import { mongo, type Schema, type SchemaType } from 'mongoose';
import { isPlainObject, isStorableAsItIs } from './inspect-value.js';

type Fields = Record<string, unknown>;

/** Says that Mongoose itself has to look at a value: it is unusual, or wrong. */
export const unusual = Symbol('unusual');

/** Makes a document of plain values, or says that Mongoose itself has to. */
export type Cast = (input: object) => Fields | typeof unusual;

type CastValue = (value: unknown) => unknown;

interface FieldCast {
  readonly name: string;
  readonly cast: CastValue;
  /** Makes what stands where nothing was given. */
  readonly makeDefault: (() => unknown) | undefined;
}

type NestingType = SchemaType & {
  schema?: Schema;
  embeddedSchemaType?: SchemaType;
  defaultValue?: unknown;
  setters: readonly unknown[];
  options: { auto?: boolean };
  cast(value: unknown): unknown;
  getDefault(scope: unknown, init: boolean): unknown;
};

/**
 * Compiles the casting of a schema to one function over plain objects, for what events usually are: right already, or
 * a scalar that Mongoose's own caster makes right. Anything else (unknown fields, wrong types, other objects) it leaves
 * to Mongoose, so that there is one truth about what a schema takes. Undefined where the schema as a whole is beyond it.
 */
export function compileCast(schema: Schema): Cast | undefined {
  if (schema.discriminators) return undefined;
  const fields: FieldCast[] = [];
  for (const [name, type] of Object.entries(schema.paths)) {
    const field =
      name.includes('.') || Object.hasOwn(Object.prototype, name)
        ? undefined
        : compileField(name, type as NestingType);
    if (!field) return undefined;
    fields.push(field);
  }
  return (input) => {
    if (!isPlainObject(input)) return unusual;
    const given = input as Fields;
    const output: Fields = {};
    let known = 0;
    for (const { name, cast, makeDefault } of fields) {
      const value = given[name];
      if (value !== undefined) {
        const result = cast(value);
        if (result === unusual) return unusual;
        output[name] = result;
        known += 1;
      } else if (makeDefault) {
        if (Object.hasOwn(given, name)) return unusual;
        output[name] = makeDefault();
      }
    }
    for (const name in given) if (given[name] !== undefined) known -= 1;
    return known === 0 ? output : unusual;
  };
}

function compileField(name: string, type: NestingType): FieldCast | undefined {
  const isAutomatic = type.instance === 'ObjectId' && type.options.auto === true;
  // A setter may do anything; the one of an automatic id only tells its Mongoose document about it.
  if (type.setters.length > 0 && !isAutomatic) return undefined;
  const cast = compileValue(type);
  const makeDefault = isAutomatic ? () => new mongo.ObjectId() : compileDefault(type);
  return cast && makeDefault !== unusual ? { name, cast, makeDefault } : undefined;
}

function compileValue(type: NestingType): CastValue | undefined {
  switch (type.instance) {
    case 'String':
      return orCaster(type, (value) => typeof value === 'string');
    case 'Number':
      return orCaster(type, (value) => typeof value === 'number' && !Number.isNaN(value));
    case 'Boolean':
      return orCaster(type, (value) => typeof value === 'boolean');
    case 'Date':
      return orCaster(type, (value) => value instanceof Date && !Number.isNaN(value.getTime()));
    case 'ObjectId':
      return orCaster(type, (value) => value instanceof mongo.ObjectId);
    case 'Mixed':
      return (value) => (isStorableAsItIs(value) ? value : unusual);
    case 'Embedded': {
      const castNested = type.schema && compileCast(type.schema);
      return castNested && ((value) => (value === null ? null : castNested(value as object)));
    }
    case 'Array':
      return compileArray(type);
    default:
      return undefined;
  }
}

function orCaster(type: NestingType, isRight: (value: unknown) => boolean): CastValue {
  return (value) => {
    if (isRight(value) || value === null) return value;
    try {
      const result = type.cast(value);
      return isRight(result) || result === null ? result : unusual;
    } catch {
      // Mongoose casts the whole document next and says what is wrong with it.
      return unusual;
    }
  };
}

function compileArray(type: NestingType): CastValue | undefined {
  const element = type.embeddedSchemaType as NestingType | undefined;
  if (element && element.setters.length > 0) return undefined;
  const castNested = type.schema && compileCast(type.schema);
  const castElement = type.schema ? castNested : element && compileValue(element);
  if (!castElement || element?.instance === 'Array') return undefined;
  const takesNull = !type.schema;
  return (value) => {
    if (!Array.isArray(value)) return unusual;
    const output: unknown[] = new Array(value.length);
    for (let place = 0; place < value.length; place += 1) {
      const item: unknown = value[place];
      if (item === undefined || (item === null && !takesNull)) return unusual;
      const result = castElement(item as object);
      if (result === unusual) return unusual;
      output[place] = result;
    }
    return output;
  };
}

/** A default that is a constant or an empty array; any other one may look at its document. */
function compileDefault(type: NestingType): (() => unknown) | undefined | typeof unusual {
  const { defaultValue } = type;
  if (defaultValue === undefined || defaultValue === null) return undefined;
  if (
    typeof defaultValue === 'string' ||
    typeof defaultValue === 'number' ||
    typeof defaultValue === 'boolean'
  )
    return () => defaultValue;
  if (type.instance !== 'Array') return unusual;
  const made = type.getDefault(null, false);
  return Array.isArray(made) && made.length === 0 ? () => [] : unusual;
}
