import { mongo } from 'mongoose';

/** Decimal128 holds this many significant digits; PostgreSQL's numeric up to 147,455. */
const decimal128Digits = 34;
/** Decimal128 holds no more decimals than this; PostgreSQL's numeric up to 16,383. */
const decimal128Scale = 6_176;

const decimalNotation = /^-?(\d+)(?:\.(\d+))?$/;

/** A numeric as Decimal128 with its scale, or its text where Decimal128 would round it; so too NaN and infinities. */
export function convertNumeric(text: string): unknown {
  const match = decimalNotation.exec(text);
  if (match === null) return text;
  if (text.length > decimal128Digits) {
    const [, whole = '', decimals = ''] = match;
    const digits = (whole + decimals).replace(/^0+/, '');
    if (digits.length > decimal128Digits || decimals.length > decimal128Scale) return text;
  }
  return mongo.Decimal128.fromString(text);
}

/** An int8 as a 64-bit integer. */
export function convertBigint(text: string): unknown {
  if (!/^-?\d+$/.test(text)) return text;
  // A double holds 15 digits exactly, and is read much faster.
  return text.length <= 15 ? mongo.Long.fromNumber(Number(text)) : mongo.Long.fromString(text);
}

export function convertInteger(text: string): unknown {
  const value = Number(text);
  return Number.isInteger(value) ? value : text;
}

/** A float as a double, with NaN, the infinities and negative zero. */
export function convertDouble(text: string): unknown {
  const value = Number(text);
  return Number.isNaN(value) && text !== 'NaN' ? text : value;
}

/** A vector (`[1,2.5,3]`) as a list of doubles. */
export function convertVector(text: string): unknown {
  if (!text.startsWith('[') || !text.endsWith(']')) return text;
  const numbers = text
    .slice(1, -1)
    .split(',')
    .map((item) => (item.trim() === '' ? NaN : Number(item)));
  return numbers.every(Number.isFinite) ? numbers : text;
}
