import { elementType } from '../encoding/bson-buffer.js';
import type { UsualEncoder } from './value-encoder.js';

/** A double holds so many digits exactly, whatever they are. */
const exactDigits = 15;
const decimal128Scale = 6_176;

const digit0 = '0'.charCodeAt(0);
const minus = '-'.charCodeAt(0);
const point = '.'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);
const letterX = 'x'.charCodeAt(0);

/** The number that the digits from `start` to `end` are; NaN where there are none, too many, or something else. */
function readDigits(source: Buffer, start: number, end: number): number {
  if (end <= start || end - start > exactDigits) return NaN;
  let value = 0;
  for (let place = start; place < end; place += 1) {
    const digit = (source[place] as number) - digit0;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

function readWhole(source: Buffer, start: number, end: number): number {
  return source[start] === minus ? -readDigits(source, start + 1, end) : readDigits(source, start, end);
}

export const encodeInteger: UsualEncoder = (target, name, source, start, end) => {
  const value = readWhole(source, start, end);
  // Beyond 32 bits, or negative zero: as a double.
  if ((value | 0) !== value || Object.is(value, -0)) return false;
  target.element(elementType.integer, name);
  target.int32(value);
  return true;
};

export const encodeLong: UsualEncoder = (target, name, source, start, end) => {
  const value = readWhole(source, start, end);
  if (Number.isNaN(value)) return false;
  target.element(elementType.long, name);
  target.int64(value);
  return true;
};

export const encodeDouble: UsualEncoder = (target, name, source, start, end) => {
  const value = Number(source.toString('latin1', start, end));
  if (Number.isNaN(value) || end === start) return false;
  // As the driver stores numbers: whole ones in 32 bits where they fit.
  if ((value | 0) === value && !Object.is(value, -0)) {
    target.element(elementType.integer, name);
    target.int32(value);
  } else {
    target.element(elementType.double, name);
    target.double(value);
  }
  return true;
};

/** Up to 15 digits; Decimal128's binary form of the digits and where the point stands among them. */
export const encodeDecimal: UsualEncoder = (target, name, source, start, end) => {
  const negative = source[start] === minus;
  let value = 0;
  let digits = 0;
  let scale = -1;
  for (let place = negative ? start + 1 : start; place < end; place += 1) {
    const code = source[place] as number;
    if (code === point) {
      if (scale >= 0 || digits === 0) return false;
      scale = 0;
      continue;
    }
    const digit = code - digit0;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
    digits += 1;
    if (scale >= 0) scale += 1;
  }
  // Without digits on either side of a point, it is no number.
  if (digits === 0 || digits > exactDigits || scale === 0) return false;
  target.element(elementType.decimal, name);
  target.int64(value);
  target.int32(0);
  target.int32((((decimal128Scale - Math.max(scale, 0)) << 1) | (negative ? 0x8000 : 0)) << 16);
  return true;
};

/** Where the marks stand in `2026-05-01 08:00:00.123+00`. */
const marks = Object.entries({ 4: '-', 7: '-', 10: ' ', 13: ':', 16: ':' }).map(
  ([place, mark]) => [Number(place), mark.charCodeAt(0)] as const,
);
const wholeSecondsLength = 19;
const zone = Buffer.from('+00');

/** An instant of the years 1 to 9999 with milliseconds at most; a Date is as exact. */
export const encodeInstant: UsualEncoder = (target, name, source, start, end) => {
  const zoneAt = end - zone.length;
  const decimals = zoneAt - start - wholeSecondsLength;
  // One place is the point's: one to three digits follow it.
  if (decimals !== 0 && (decimals < 2 || decimals > 4 || source[start + wholeSecondsLength] !== point))
    return false;
  for (const [place, code] of marks) if (source[start + place] !== code) return false;
  for (let place = 0; place < zone.length; place += 1)
    if (source[zoneAt + place] !== zone[place]) return false;
  const part = (from: number, to: number) => readDigits(source, start + from, start + to);
  const year = part(0, 4);
  // Date.UTC takes smaller ones for years of the twentieth century.
  if (!(year >= 100)) return false;
  const seconds = Date.UTC(year, part(5, 7) - 1, part(8, 10), part(11, 13), part(14, 16), part(17, 19));
  const fraction = decimals === 0 ? 0 : part(20, 19 + decimals) * 10 ** (4 - decimals);
  const time = seconds + fraction;
  if (Number.isNaN(time)) return false;
  target.element(elementType.instant, name);
  target.int64(time);
  return true;
};

export const encodeBytes: UsualEncoder = (target, name, source, start, end) => {
  if (source[start] !== backslash || source[start + 1] !== letterX || (end - start) % 2 === 1) return false;
  const length = (end - start - 2) / 2;
  const { offset } = target;
  target.element(elementType.binary, name);
  target.int32(length);
  target.bytes[target.offset] = 0;
  target.offset += 1;
  const written = target.bytes.write(source.toString('latin1', start + 2, end), target.offset, length, 'hex');
  target.offset = written === length ? target.offset + written : offset;
  return written === length;
};
