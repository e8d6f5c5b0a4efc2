import type { ValueConverter } from './value-converter.js';
import { readWhole, UnreadableTextError, type TextCursor } from './text-cursor.js';

/**
 * Makes a converter for arrays of a type, nested for several dimensions.
 *
 * An array whose lower bounds are not 1 (`[0:2]={…}`) stays text, for a list could not carry them. So does an item
 * that would itself become a list: lists in a list are dimensions.
 */
export function convertArrayOf(convertItem: ValueConverter, delimiter: string): ValueConverter {
  const ends = `${delimiter}}`;

  const convert = (text: string): unknown => {
    const value = convertItem(text);
    return Array.isArray(value) ? text : value;
  };

  const readItem = (cursor: TextCursor): unknown => {
    if (cursor.character === '{') return readArray(cursor);
    if (cursor.character === '"') return convert(cursor.readQuoted(false));
    const text = cursor.readUntil(ends);
    if (text === '') throw new UnreadableTextError();
    return text === 'NULL' ? null : convert(text);
  };

  const readArray = (cursor: TextCursor): unknown[] => {
    const items: unknown[] = [];
    cursor.expect('{');
    if (cursor.character === '}') {
      cursor.take();
      return items;
    }
    for (;;) {
      items.push(readItem(cursor));
      if (cursor.character === '}') break;
      cursor.expect(delimiter);
    }
    cursor.take();
    return items;
  };

  return (text) => (text.startsWith('{') ? readWhole(text, readArray) : text);
}
