import { mongo } from 'mongoose';

/** Decimal128 holds this many significant digits; PostgreSQL's numeric up to 147,455. */
const decimal128Digits = 34;
/** Decimal128 holds no more decimals than this; PostgreSQL's numeric up to 16,383. */
const decimal128Scale = 6_176;

const mostBigintLength = 20;

/** A double holds so many digits exactly, whatever they are. */
const exactDigits = 15;

const decimalNotation = /^-?(\d+)(?:\.(\d+))?$/;

/** A numeric as Decimal128 with its scale, or its text where Decimal128 would round it; so too NaN and infinities. */
export function convertNumeric(text: string): unknown {
  const match = decimalNotation.exec(text);
  if (match === null) return text;
  const [, whole = '', decimals = ''] = match;
  if (whole.length + decimals.length <= exactDigits) {
    return packDecimal(Number(whole + decimals), decimals.length, text.startsWith('-'));
  }
  if (text.length > decimal128Digits) {
    const digits = (whole + decimals).replace(/^0+/, '');
    if (digits.length > decimal128Digits || decimals.length > decimal128Scale) return text;
  }
  return mongo.Decimal128.fromString(text);
}

/** Decimal128's binary form of `coefficient` / 10^`scale`: what reading its text gives, much faster. */
function packDecimal(coefficient: number, scale: number, negative: boolean): mongo.Decimal128 {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(coefficient % 2 ** 32, 0);
  bytes.writeUInt32LE(Math.floor(coefficient / 2 ** 32), 4);
  bytes.writeUInt16LE(((decimal128Scale - scale) << 1) | (negative ? 0x8000 : 0), 14);
  return new mongo.Decimal128(bytes);
}

/** An int8 as a 64-bit integer. */
export function convertBigint(text: string): unknown {
  if (text.length > mostBigintLength || !/^-?\d+$/.test(text)) return text;
  if (text.length > exactDigits) return mongo.Long.fromString(text);
  const value = Number(text);
  return mongo.Long.fromBits(value | 0, Math.floor(value / 2 ** 32));
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
