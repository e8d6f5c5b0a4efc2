import { mongo } from 'mongoose';
import { convertArrayOf } from './convert-array.js';
import { convertJson } from './convert-json.js';
import { convertBigint, convertNumeric } from './convert-number.js';

/** Turns a value's text, as PostgreSQL writes it, into what BSON holds without loss. */
export type ValueConverter = (text: string) => unknown;

export const keepText: ValueConverter = (text) => text;

/**
 * Instants are Dates where a Date holds them exactly. Those with microseconds, before year 1, after 9999,
 * and the infinities stay text, in UTC: nothing may be lost.
 */
const exactInstant = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,3})?\+00$/;
const convertInstant: ValueConverter = (text) =>
  exactInstant.test(text) ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`) : text;

const convertBoolean: ValueConverter = (text) => text === 't';
const convertBytes: ValueConverter = (text) => new mongo.Binary(Buffer.from(text.slice(2), 'hex'));

/** Built-in types that become more than text; [OID, OID of its array type, converter]. All others stay text. */
const builtInTypes: readonly (readonly [oid: number, arrayOid: number, convert: ValueConverter])[] = [
  [16, 1000, convertBoolean], // bool
  [17, 1001, convertBytes], // bytea
  [20, 1016, convertBigint], // int8
  [21, 1005, Number], // int2
  [23, 1007, Number], // int4
  [26, 1028, Number], // oid
  [114, 199, convertJson], // json
  [700, 1021, Number], // float4
  [701, 1022, Number], // float8
  [1184, 1185, convertInstant], // timestamptz
  [1700, 1231, convertNumeric], // numeric
  [3802, 3807, convertJson], // jsonb
  [19, 1003, keepText], // name
  [25, 1009, keepText], // text
  [1042, 1014, keepText], // bpchar
  [1043, 1015, keepText], // varchar
  [1082, 1182, keepText], // date
  [1083, 1183, keepText], // time
  [1114, 1115, keepText], // timestamp
  [1186, 1187, keepText], // interval
  [1266, 1270, keepText], // timetz
  [2950, 2951, keepText], // uuid
  [650, 651, keepText], // cidr
  [829, 1040, keepText], // macaddr
  [869, 1041, keepText], // inet
];

const converters: ReadonlyMap<number, ValueConverter> = new Map(
  builtInTypes.flatMap(([oid, arrayOid, convert]): [number, ValueConverter][] => [
    [oid, convert],
    [arrayOid, convertArrayOf(convert)],
  ]),
);

/** What the catalog says about a type that is not built in. */
export interface CatalogType {
  oid: number;
  /** A domain's base type, else 0. */
  baseOid: number;
  /** An array's element type, else 0. */
  elementOid: number;
}

/** Finds the converter of a type: domains convert as their base, arrays of anything become lists, the rest is text. */
export function findConverter(oid: number, catalogTypes: ReadonlyMap<number, CatalogType>): ValueConverter {
  const builtIn = converters.get(oid);
  if (builtIn !== undefined) return builtIn;
  const type = catalogTypes.get(oid);
  if (type === undefined) return keepText;
  if (type.baseOid !== 0) return findConverter(type.baseOid, catalogTypes);
  if (type.elementOid !== 0) return convertArrayOf(findConverter(type.elementOid, catalogTypes));
  return keepText;
}
