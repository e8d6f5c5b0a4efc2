import { mongo } from 'mongoose';

/** Decimal128 holds this many significant digits; PostgreSQL's numeric up to 147,455. */
const decimal128Digits = 34;

/** A numeric as Decimal128 with its scale, or its text where Decimal128 would round it; so too NaN and infinities. */
export function convertNumeric(text: string): unknown {
  const digits = text.replace(/^-?0*\.?0*|\./g, '');
  if (digits.length > decimal128Digits || !/[0-9]$/.test(text)) return text;
  return mongo.Decimal128.fromString(text);
}

export function convertBigint(text: string): unknown {
  return mongo.Long.fromString(text);
}
