import { mongo } from 'mongoose';
import { convertArrayOf } from './convert-array.js';
import { convertCompositeOf } from './convert-composite.js';
import { convertHstore } from './convert-hstore.js';
import { convertJson, convertJsonb } from './convert-json.js';
import {
  convertBigint,
  convertDouble,
  convertInteger,
  convertNumeric,
  convertVector,
} from './convert-number.js';
import { convertMultirangeOf, convertRangeOf } from './convert-range.js';
import type { ValueConverter } from './value-converter.js';
import type { PostgresType, ScalarForm, TypeCatalog } from './postgres-type.js';
import { findBaseType } from './find-type.js';

const keepText: ValueConverter = (text) => text;

/**
 * Instants are Dates where a Date holds them exactly. Those with microseconds, before year 1, after 9999,
 * and the infinities stay text, in UTC: nothing may be lost.
 */
const exactInstant = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,3})?\+00$/;
const convertInstant: ValueConverter = (text) =>
  exactInstant.test(text) ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`) : text;

const convertBoolean: ValueConverter = (text) => (text === 't' ? true : text === 'f' ? false : text);
const convertBytes: ValueConverter = (text) =>
  text.startsWith('\\x') ? new mongo.Binary(Buffer.from(text.slice(2), 'hex')) : text;

const scalarConverters: Record<ScalarForm, ValueConverter> = {
  text: keepText,
  boolean: convertBoolean,
  integer: convertInteger,
  long: convertBigint,
  double: convertDouble,
  decimal: convertNumeric,
  instant: convertInstant,
  bytes: convertBytes,
  json: convertJson,
  jsonb: convertJsonb,
  hstore: convertHstore,
  vector: convertVector,
};

/** Levels of nesting that a value's type may have; what json may have comes on top, and documents have 100. */
const mostLevels = 15;
/** An array has at most six dimensions. */
const mostDimensions = 6;

/** The form of a type's values, or undefined for what has inner structure. */
export function findForm(oid: number, catalog: TypeCatalog): ScalarForm | undefined {
  const type = findBaseType(oid, catalog);
  return type.kind === 'scalar' ? type.form : undefined;
}

/**
 * Makes what finds the converter of a type; a type that nobody knows (any more), or that is nested too deeply, stays
 * text. `onOutdated` is told of values that show that the catalog's description of a type is outdated.
 */
export function createConverterFinder(
  catalog: TypeCatalog,
  onOutdated?: () => void,
): (oid: number) => ValueConverter {
  const context: ConverterContext = { catalog, onOutdated, made: new Map() };
  return (oid) => findConverter(oid, context, mostLevels);
}

interface ConverterContext {
  catalog: TypeCatalog;
  onOutdated: (() => void) | undefined;
  /** By type and levels left: a type may consist of another one many times over, and that of a third. */
  made: Map<string, ValueConverter>;
}

function findConverter(oid: number, context: ConverterContext, levels: number): ValueConverter {
  const place = `${oid} ${levels}`;
  let converter = context.made.get(place);
  if (converter === undefined) {
    converter = makeConverter(findBaseType(oid, context.catalog), context, levels);
    context.made.set(place, converter);
  }
  return converter;
}

function makeConverter(type: PostgresType, context: ConverterContext, levels: number): ValueConverter {
  const { catalog, onOutdated } = context;
  const inner = (oid: number, used: number) => findConverter(oid, context, levels - used);
  switch (type.kind) {
    case 'scalar':
      return scalarConverters[type.form];
    case 'domain':
      return inner(type.baseOid, 0);
    case 'array':
      return levels < mostDimensions
        ? keepText
        : convertArrayOf(inner(type.elementOid, mostDimensions), type.delimiter);
    case 'range':
      return levels < 1 ? keepText : convertRangeOf(inner(type.subtypeOid, 1));
    case 'multirange': {
      const range = findBaseType(type.rangeOid, catalog);
      return range.kind !== 'range' || levels < 2
        ? keepText
        : convertMultirangeOf(inner(range.subtypeOid, 2));
    }
    case 'composite':
      if (levels < 1) return keepText;
      return convertCompositeOf(
        type.attributes.map(({ name, typeOid }) => ({ name, convert: inner(typeOid, 1) })),
        onOutdated,
      );
  }
}
