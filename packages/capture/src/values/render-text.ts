import { InfratraqError } from '@infratraq/kernel';
import { mongo } from 'mongoose';
import type { CompositeAttribute, ScalarForm, TypeCatalog } from './postgres-type.js';
import { findBaseType } from './find-type.js';
import { renderJson } from './render-json.js';

/** A stored value can't be written as a value of the type; the type may have changed since it was captured. */
export class UnrenderableValueError extends InfratraqError {
  constructor(what: string) {
    super(
      'capture.value-unrenderable',
      `${what}. The column's type may have changed since the value was captured, or the type's description is missing: ` +
        'pass what readNamedTypes() answers',
    );
  }
}

/** Writes a stored value, which is not null, as the text that its type's input takes. */
export function renderValueText(value: unknown, oid: number, catalog: TypeCatalog): string {
  // What capture leaves as text is PostgreSQL's own, whatever the type.
  if (typeof value === 'string') return value;
  const type = findBaseType(oid, catalog);
  const inner = (innerOid: number) => (item: unknown) => renderValueText(item, innerOid, catalog);
  switch (type.kind) {
    case 'scalar':
      return renderScalar(value, type.form);
    case 'domain':
      return renderValueText(value, type.baseOid, catalog);
    case 'array':
      return renderArray(value, inner(type.elementOid), type.delimiter);
    case 'range':
      return renderRange(value, inner(type.subtypeOid));
    case 'multirange':
      return `{${requireList(value).map(inner(type.rangeOid)).join(',')}}`;
    case 'composite':
      return renderComposite(value, type.attributes, catalog);
  }
}

type Render = (value: unknown) => string;

function renderScalar(value: unknown, form: ScalarForm): string {
  if (form === 'json' || form === 'jsonb') return renderJson(value);
  if (form === 'hstore') return renderHstore(value);
  if (form === 'vector') return `[${requireList(value).map(String).join(',')}]`;
  switch (typeof value) {
    case 'boolean':
      return value ? 't' : 'f';
    case 'bigint':
      return value.toString();
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    default:
      return renderScalarObject(value);
  }
}

function renderScalarObject(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof mongo.Binary) return `\\x${Buffer.from(value.value()).toString('hex')}`;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof mongo.Double || value instanceof mongo.Int32) {
    return renderScalar(value.valueOf(), 'double');
  }
  if (value instanceof mongo.Long || value instanceof mongo.Decimal128) return value.toString();
  throw new UnrenderableValueError(`${describe(value)} is no value of a type without inner structure`);
}

function renderArray(value: unknown, renderItem: Render, delimiter: string): string {
  const items = requireList(value).map((item) => {
    if (item === null) return 'NULL';
    if (Array.isArray(item)) return renderArray(item, renderItem, delimiter);
    return quoteWithBackslash(renderItem(item));
  });
  return `{${items.join(delimiter)}}`;
}

function renderRange(value: unknown, renderBound: Render): string {
  const range = requireDocument(value);
  if (range['empty'] === true) return 'empty';
  if (!('lower' in range && 'upper' in range)) {
    throw new UnrenderableValueError(`${describe(value)} is no range`);
  }
  const [lower, upper] = [range['lower'], range['upper']].map((bound) =>
    bound === null ? '' : quoteWithDoubling(renderBound(bound)),
  );
  return `${range['lower_inclusive'] ? '[' : '('}${lower},${upper}${range['upper_inclusive'] ? ']' : ')'}`;
}

function renderComposite(value: unknown, attributes: CompositeAttribute[], catalog: TypeCatalog): string {
  const fields = requireDocument(value);
  const names = new Set(attributes.map(({ name }) => name));
  const lost = Object.keys(fields).find((name) => !names.has(name));
  if (lost !== undefined) throw new UnrenderableValueError(`The composite type has no column ${lost}`);
  const texts = attributes.map(({ name, typeOid }) => {
    // A column that the type has gained since is null in its older values, as in PostgreSQL.
    const field = fields[name] ?? null;
    return field === null ? '' : quoteWithDoubling(renderValueText(field, typeOid, catalog));
  });
  return `(${texts.join(',')})`;
}

function renderHstore(value: unknown): string {
  const pairs = Object.entries(requireDocument(value)).map(
    ([key, text]) =>
      `${quoteWithBackslash(key)}=>${text === null ? 'NULL' : quoteWithBackslash(String(text))}`,
  );
  return pairs.join(', ');
}

function quoteWithBackslash(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function quoteWithDoubling(text: string): string {
  return `"${text.replace(/["\\]/g, '$&$&')}"`;
}

function requireList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new UnrenderableValueError(`${describe(value)} is no list`);
}

function requireDocument(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !('_bsontype' in value)) {
    return value as Record<string, unknown>;
  }
  throw new UnrenderableValueError(`${describe(value)} is no document`);
}

/** The value's kind, never the value: it may be personal. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'A list';
  if (typeof value !== 'object' || value === null) return `A ${typeof value}`;
  return '_bsontype' in value ? `A ${String(value._bsontype)}` : 'A document';
}
