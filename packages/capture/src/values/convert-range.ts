import type { ValueConverter } from './value-converter.js';
import { readWhole, type TextCursor } from './text-cursor.js';

/** A range as it is stored; a bound of null is unbounded. */
export type RangeValue =
  { lower: unknown; upper: unknown; lower_inclusive: boolean; upper_inclusive: boolean } | { empty: true };

/** Makes a converter for ranges over a type. */
export function convertRangeOf(convertBound: ValueConverter): ValueConverter {
  return (text) => readWhole(text, (cursor) => readRange(cursor, convertBound));
}

/** Makes a converter for multiranges over a type: lists of ranges. */
export function convertMultirangeOf(convertBound: ValueConverter): ValueConverter {
  const readRanges = (cursor: TextCursor): RangeValue[] => {
    const ranges: RangeValue[] = [];
    cursor.expect('{');
    while (cursor.character !== '}') {
      if (ranges.length > 0) cursor.expect(',');
      ranges.push(readRange(cursor, convertBound));
    }
    cursor.take();
    return ranges;
  };
  return (text) => readWhole(text, readRanges);
}

function readRange(cursor: TextCursor, convertBound: ValueConverter): RangeValue {
  if (cursor.character === 'e') {
    cursor.expect('empty');
    return { empty: true };
  }
  const lowerInclusive = cursor.character === '[';
  cursor.expect(lowerInclusive ? '[' : '(');
  const lower = readBound(cursor, convertBound, ',');
  cursor.expect(',');
  const upper = readBound(cursor, convertBound, ')]');
  const upperInclusive = cursor.character === ']';
  cursor.expect(upperInclusive ? ']' : ')');
  return { lower, upper, lower_inclusive: lowerInclusive, upper_inclusive: upperInclusive };
}

function readBound(cursor: TextCursor, convertBound: ValueConverter, ends: string): unknown {
  if (cursor.character === '"') return convertBound(cursor.readQuoted(true));
  const text = cursor.readUntil(ends);
  return text === '' ? null : convertBound(text);
}
