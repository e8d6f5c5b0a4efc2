import 'reflect-metadata';
import { DefinitionError, redacted, redactionsOf, type Redaction } from '@infratraq/kernel';
import type { Schema, SchemaType } from 'mongoose';
import { isNestedTooDeep, isPlainObject } from './inspect-value.js';
import { redactBy, type RedactValue } from './redact-value.js';

type Fields = Record<string, unknown>;
type NestedClass = abstract new () => object;

/** What is done to the fields of one class, those of its nested types included. */
export interface Redactor {
  /** Whether the class declares any. */
  readonly isNeeded: boolean;
  /** Redacts a cast document in place. */
  readonly redact: (document: Fields) => void;
  /**
   * Redacts what could not be cast, as a copy: also what looks like a secret where nothing is declared; fields that the
   * class does not know are masked, because nobody said what they are.
   */
  readonly redactRejected: (input: object) => object;
  /** Whether the class and its nested types know all fields of what could not be cast. */
  readonly isWhole: (input: object) => boolean;
}

interface FieldRedactor {
  readonly name: string;
  readonly when: Redaction['when'];
  readonly own: RedactValue | undefined;
  readonly nested: Redactor | undefined;
}

/**
 * Compiles the redactions of a class.
 * @throws DefinitionError `definition.redaction.required`, `.text` or `.key`
 */
export function compileRedaction(
  target: NestedClass,
  schema: Schema,
  hash: ((text: string) => string) | undefined,
): Redactor {
  const declared = redactionsOf(target);
  const fields = Object.entries(schema.paths).flatMap(([name, type]): FieldRedactor[] => {
    const redaction = declared.get(name);
    if (redaction) assertFits(target, name, redaction, type);
    if (redaction?.kind === 'hash' && !hash)
      throw new DefinitionError(
        target.name,
        'redaction.key',
        `${name} is stored as a keyed digest; give the writer a redactionKey`,
      );
    const nestedSchema = (type as SchemaType & { schema?: Schema }).schema;
    const nestedClass = nestedSchema && nestedClassOf(target, name);
    const nested = nestedClass && compileRedaction(nestedClass, nestedSchema, hash);
    const own = redaction && redactBy(redaction.kind, hash ?? String);
    return own || nested ? [{ name, when: redaction?.when, own, nested }] : [];
  });
  const needed = fields.filter(({ own, nested }) => own !== undefined || nested?.isNeeded);
  const known = new Set(Object.keys(schema.paths));
  return {
    isNeeded: needed.length > 0,
    redact: (document) => redactFields(document, needed),
    redactRejected: (input) => redactRejectedFields(input, fields, known),
    isWhole: (input) =>
      Object.keys(input).every((name) => known.has(name)) &&
      fields.every(({ name, nested }) => !nested || isWhole((input as Fields)[name], nested)),
  };
}

function isWhole(value: unknown, nested: Redactor): boolean {
  if (Array.isArray(value)) return value.every((item: unknown) => isWhole(item, nested));
  return typeof value !== 'object' || value === null || (isPlainObject(value) && nested.isWhole(value));
}

function redactFields(document: Fields, fields: readonly FieldRedactor[]): void {
  for (const { name, own, nested, when } of fields) {
    const value = document[name];
    if (value === undefined || value === null) continue;
    if (nested?.isNeeded) {
      if (Array.isArray(value)) for (const item of value) if (item) nested.redact(item as Fields);
      if (!Array.isArray(value)) nested.redact(value as Fields);
    }
    if (!own || (when && !when(document))) continue;
    const kept = own(value);
    if (kept === undefined) delete document[name];
    else document[name] = kept;
  }
}

function redactRejectedFields(input: object, fields: readonly FieldRedactor[], known: Set<string>): object {
  const copy: Fields = {};
  const declared = new Set(fields.map(({ name }) => name));
  for (const [name, value] of Object.entries(input))
    copy[name] = declared.has(name) ? value : known.has(name) ? withholdSecrets(value) : redacted;
  for (const { name, own, nested, when } of fields) {
    if (!Object.hasOwn(copy, name)) continue;
    if (nested) copy[name] = redactNested(copy[name], nested);
    // What is wrong may be the very field that the condition looks at.
    if (own && (!when || holds(when, copy)))
      copy[name] = isNestedTooDeep(copy[name]) ? redacted : own(copy[name]);
    if (copy[name] === undefined) delete copy[name];
  }
  return copy;
}

/** Masks what looks like a secret in a value that nothing is declared of. */
export function withholdSecrets(value: unknown): unknown {
  return isNestedTooDeep(value) ? redacted : redactBy('secrets', String)(value);
}

function redactNested(value: unknown, nested: Redactor): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => redactNested(item, nested));
  if (typeof value !== 'object') return value === undefined ? value : redacted;
  return value && (isPlainObject(value) ? nested.redactRejected(value) : redacted);
}

function holds(when: NonNullable<Redaction['when']>, owner: Fields): boolean {
  try {
    return when(owner);
  } catch {
    // A condition that cannot cope with a malformed owner says nothing; the value is redacted to be safe.
    return true;
  }
}

function assertFits(target: NestedClass, name: string, { kind }: Redaction, type: SchemaType): void {
  if (kind === 'drop' && type.isRequired)
    throw new DefinitionError(target.name, 'redaction.required', `${name} is required and cannot be dropped`);
  const element = (type as SchemaType & { embeddedSchemaType?: SchemaType }).embeddedSchemaType;
  const instance = type.instance === 'Array' && element ? element.instance : type.instance;
  if ((kind === 'mask' || kind === 'hash') && instance !== 'String' && instance !== 'Mixed')
    throw new DefinitionError(target.name, 'redaction.text', `${name} is no text; only 'drop' fits it`);
}

/** The class of a nested type: what @prop was given, which Typegoose keeps as metadata of the class. */
function nestedClassOf(target: NestedClass, property: string): NestedClass | undefined {
  const properties = Reflect.getMetadata('typegoose:properties', target.prototype as object) as
    ReadonlyMap<string, { options?: { type?: unknown } }> | undefined;
  let type = properties?.get(property)?.options?.type;
  // A class has a prototype, an arrow function that answers one has not.
  if (typeof type === 'function' && !('prototype' in type)) type = (type as () => unknown)();
  if (Array.isArray(type)) [type] = type as unknown[];
  if (typeof type === 'function' && !('prototype' in type)) type = (type as () => unknown)();
  return typeof type === 'function' ? (type as unknown as NestedClass) : undefined;
}
