import { mongo } from 'mongoose';

/** What the lifecycle writes on a document after it was stored: no part of what the document says. */
const lifecycleFields = new Set(['archived_at', 'expires_at', '__v']);

/**
 * Writes a document as one text that is the same wherever it is read: fields in the order of their names (UTF-16 code
 * units, as in RFC 8785), no white space, and values that JSON has no form for under a name with a dollar sign.
 *
 * Numbers are written by their value, for the engines differ in the width in which they give an integer back.
 */
export function writeCanonical(document: Readonly<Record<string, unknown>>): string {
  return writeObject(document, (name) => !lifecycleFields.has(name));
}

function writeObject(
  object: Readonly<Record<string, unknown>>,
  isWritten: (name: string) => boolean = () => true,
): string {
  const fields = Object.keys(object)
    .filter((name) => object[name] !== undefined && isWritten(name))
    .sort()
    // A field's own dollar sign is doubled: no document can pretend to hold a date.
    .map((name) => `${JSON.stringify(name.replace(/^\$/, '$$$$'))}:${writeValue(object[name])}`);
  return `{${fields.join(',')}}`;
}

function writeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      return writeNumber(value);
    case 'bigint':
      return writeInteger(value);
    case 'object':
      return value === null ? 'null' : writeStructure(value);
    default:
      return 'null';
  }
}

function writeNumber(value: number): string {
  const isPlain = Number.isFinite(value) && !Object.is(value, -0);
  if (!isPlain) return tagged('number', Object.is(value, -0) ? '-0' : String(value));
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? writeInteger(BigInt(value))
    : JSON.stringify(value);
}

function writeInteger(value: bigint): string {
  const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
  return isSafe ? value.toString() : tagged('number', value.toString());
}

function writeStructure(value: object): string {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`;
  if (value instanceof Date) return tagged('date', String(value.getTime()));
  if (value instanceof Uint8Array) return tagged('binary', Buffer.from(value).toString('base64'));
  if ('_bsontype' in value && typeof value._bsontype === 'string')
    return writeBson(value as { _bsontype: string });
  return writeObject(value as Record<string, unknown>);
}

function writeBson(value: { _bsontype: string }): string {
  switch (value._bsontype) {
    case 'Binary':
      return tagged('binary', (value as mongo.Binary).toString('base64'));
    case 'Double':
    case 'Int32':
      return writeNumber(Number(value.valueOf()));
    case 'Long':
      return writeInteger((value as mongo.Long).toBigInt());
    case 'Decimal128':
      return tagged('decimal', String(value));
    case 'ObjectId':
      return tagged('oid', String(value));
    default:
      return tagged('bson', mongo.BSON.EJSON.stringify(value, { relaxed: false }));
  }
}

function tagged(kind: string, text: string): string {
  return `{"$${kind}":${JSON.stringify(text)}}`;
}
