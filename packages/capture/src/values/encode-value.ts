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

/**
 * Makes the encoder of a type, which writes what the driver would write for what the converter answers: the usual
 * texts of the usual types from byte to byte, and all others by way of their value.
 */
export function makeEncoder(form: ScalarForm | undefined, convert: ValueConverter): ValueEncoder {
  const encodeUsual = form === undefined ? undefined : usualEncoders[form];
  return (target, name, source, start, end) => {
    target.reserve(name.length + (end - start) + mostOverheadBytes);
    if (encodeUsual?.(target, name, source, start, end)) return;
    target.value(name, convert(source.toString('utf8', start, end)), end - start);
  };
}
