import { elementType } from '../encoding/bson-buffer.js';
import {
  encodeBytes,
  encodeDecimal,
  encodeDouble,
  encodeInstant,
  encodeInteger,
  encodeLong,
} from './encode-usual.js';
import type { ValueConverter } from './value-converter.js';
import type { UsualEncoder, ValueEncoder } from './value-encoder.js';
import type { ScalarForm } from './postgres-type.js';

const letterT = 't'.charCodeAt(0);
const letterF = 'f'.charCodeAt(0);

const encodeText: UsualEncoder = (target, name, source, start, end) => {
  target.element(elementType.text, name);
  target.text(source, start, end);
  return true;
};

const encodeBoolean: UsualEncoder = (target, name, source, start, end) => {
  const letter = source[start];
  if (end - start !== 1 || (letter !== letterT && letter !== letterF)) return false;
  target.element(elementType.boolean, name);
  target.bytes[target.offset] = letter === letterT ? 1 : 0;
  target.offset += 1;
  return true;
};

const usualEncoders: Partial<Record<ScalarForm, UsualEncoder>> = {
  text: encodeText,
  boolean: encodeBoolean,
  integer: encodeInteger,
  long: encodeLong,
  double: encodeDouble,
  decimal: encodeDecimal,
  instant: encodeInstant,
  bytes: encodeBytes,
};

/** An element takes no more than this besides its name and the value's text. */
const mostOverheadBytes = 32;

/** Values that are shorter have too few parts to be counted. */
const countedBytes = 4_096;
const comma = ','.charCodeAt(0);

/** How a type's values become elements. */
export interface EncoderParts {
  /** Undefined for what has inner structure. */
  form: ScalarForm | undefined;
  convert: ValueConverter;
  /** Told of a value that could not be converted; its text stands for it. */
  onFault?: (error: unknown) => void;
}

/**
 * Makes the encoder of a type, which writes what the driver would write for what the converter answers: the usual
 * texts of the usual types from byte to byte, and all others by way of their value.
 *
 * It never fails for a value: one that can't be converted, or has more parts than a document is to have, is written as
 * its text.
 */
export function makeEncoder({ form, convert, onFault }: EncoderParts): ValueEncoder {
  const encodeUsual = form === undefined ? undefined : usualEncoders[form];
  return (target, name, source, start, end) => {
    target.reserve(name.length + (end - start) + mostOverheadBytes);
    if (encodeUsual?.(target, name, source, start, end)) return;
    const { offset } = target;
    try {
      if (end - start < countedBytes || target.takeParts(countParts(source, start, end))) {
        target.value(name, convert(source.toString('utf8', start, end)), end - start);
        return;
      }
    } catch (error) {
      onFault?.(error);
      target.offset = offset;
    }
    target.reserve(name.length + (end - start) + mostOverheadBytes);
    encodeText(target, name, source, start, end);
  };
}

/** At least as many as the items and members that the value consists of. */
function countParts(source: Buffer, start: number, end: number): number {
  let count = 1;
  for (let place = start; place < end; place += 1) if (source[place] === comma) count += 1;
  return count;
}
