import type { ValueConverter } from './value-converter.js';
import { canHold, isIndexLike, isSafeFieldName } from './field-names.js';
import { readWhole, type TextCursor } from './text-cursor.js';

export interface CompositeField {
  name: string;
  convert: ValueConverter;
}

/**
 * Makes a converter for composites: documents by column name.
 *
 * One that has another number of columns than was known of its type stays text, which `onOutdated` is told, and so
 * do all whose names a document can't keep in order.
 */
export function convertCompositeOf(
  fields: readonly CompositeField[],
  onOutdated: () => void = () => {},
): ValueConverter {
  if (!fields.every(({ name }) => isSafeFieldName(name) && !isIndexLike(name))) return (text) => text;
  const [first, ...others] = fields;
  const readFields = (cursor: TextCursor): Record<string, unknown> => {
    const value: Record<string, unknown> = {};
    cursor.expect('(');
    if (first !== undefined) value[first.name] = readField(cursor, first);
    for (const field of others) {
      cursor.expect(',');
      value[field.name] = readField(cursor, field);
    }
    cursor.expect(')');
    return value;
  };
  return (text) => {
    const value = readWhole(text, readFields);
    if (typeof value === 'string') onOutdated();
    return value;
  };
}

function readField(cursor: TextCursor, { name, convert }: CompositeField): unknown {
  const isQuoted = cursor.character === '"';
  const text = isQuoted ? cursor.readQuoted(true) : cursor.readUntil(',)');
  if (text === '' && !isQuoted) return null;
  const value = convert(text);
  return canHold(name, value) ? value : text;
}
