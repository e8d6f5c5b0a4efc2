import type { BsonBuffer } from '../encoding/bson-buffer.js';

/** Writes a value, whose text is in `source` from `start` to `end`, as an element of the given name. */
export type ValueEncoder = (
  target: BsonBuffer,
  name: Uint8Array,
  source: Buffer,
  start: number,
  end: number,
) => void;

/** As a `ValueEncoder`, for the usual texts of a type only: it answers false where it wrote nothing. */
export type UsualEncoder = (...given: Parameters<ValueEncoder>) => boolean;
