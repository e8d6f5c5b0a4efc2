import { mongo } from 'mongoose';

/** How values are written that JSON has no form for; part of the API's description. */
export const valueNotation =
  'Decimals and 64-bit integers beyond 2^53 are strings, as are NaN, Infinity and negative zero; times are ISO 8601; binary is base64';

/** A value as JSON can carry it without loss. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Writes a stored value for JSON: decimals and long integers as strings, times in ISO 8601, binary in base64. */
export function renderValue(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no negative zero either.
      return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : renderObject(value);
    default:
      return null;
  }
}

/** Writes every value of a row for JSON; null stays null. */
export function renderRow(row: Record<string, unknown> | null | undefined): Record<string, JsonValue> | null {
  if (!row) return null;
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, renderValue(value)]));
}

function renderObject(value: object): JsonValue {
  if (Array.isArray(value)) return value.map(renderValue);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if ('_bsontype' in value) return renderBson(value as { _bsontype: string });
  return renderRow(value as Record<string, unknown>);
}

function renderBson(value: { _bsontype: string }): JsonValue {
  switch (value._bsontype) {
    case 'Binary':
      return (value as mongo.Binary).toString('base64');
    case 'Double':
    case 'Int32':
      return renderValue(value.valueOf());
    case 'Decimal128':
    case 'Long':
    case 'ObjectId':
    case 'Timestamp':
      return value.toString();
    default:
      return JSON.stringify(mongo.BSON.EJSON.serialize(value, { relaxed: false }));
  }
}
