import { elementType, type BsonBuffer } from '../encoding/bson-buffer.js';
import { encodeOmitted } from '../encoding/omitted-value.js';
import type { WireTuple } from '../pgoutput/wire-tuple.js';
import type { CapturedColumn } from './captured-table.js';

/** Writes rows as documents, their columns in table order; values that the server did not send are left out. */
export class RowEncoder {
  /** Where the element of each column of the row before begins and ends. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /**
   * Writes a row. Told of the row before, which was written last, it takes from there what is the same: most columns
   * of most updates are, and encoding values costs the most.
   */
  encode(
    target: BsonBuffer,
    name: Uint8Array,
    columns: readonly CapturedColumn[],
    tuple: WireTuple,
    before?: WireTuple,
  ): void {
    target.reserve(name.length + 5);
    target.element(elementType.document, name);
    const document = target.begin();
    for (let index = 0; index < columns.length; index += 1) {
      if (!tuple.isSent(index)) continue;
      if (before !== undefined && before.isSent(index) && before.hasSame(index, tuple)) {
        const start = this.#starts[index] as number;
        const end = this.#ends[index] as number;
        target.reserve(end - start);
        target.copy(target.bytes, start, end);
        continue;
      }
      const start = target.offset;
      encodeColumn(target, columns[index] as CapturedColumn, tuple, index);
      if (before !== undefined) continue;
      this.#starts[index] = start;
      this.#ends[index] = target.offset;
    }
    target.end(document);
  }
}

function encodeColumn(
  target: BsonBuffer,
  { encodedName, encode }: CapturedColumn,
  tuple: WireTuple,
  index: number,
): void {
  if (tuple.hasText(index)) {
    encode(target, encodedName, tuple.bytes, tuple.starts[index] as number, tuple.ends[index] as number);
    return;
  }
  const omitted = tuple.omitted.get(index);
  if (omitted === undefined) encodeNull(target, encodedName);
  else encodeOmitted(target, encodedName, omitted);
}

export function encodeNull(target: BsonBuffer, name: Uint8Array): void {
  target.reserve(name.length + 1);
  target.element(elementType.null, name);
}

/** Writes a list of the names of those columns that the filter takes. */
export function encodeColumnNames(
  target: BsonBuffer,
  name: Uint8Array,
  columns: readonly CapturedColumn[],
  isTaken: (index: number) => boolean,
): void {
  target.reserve(name.length + 5);
  target.element(elementType.list, name);
  const list = target.begin();
  let place = 0;
  for (let index = 0; index < columns.length; index += 1) {
    if (!isTaken(index)) continue;
    const { encodedName } = columns[index] as CapturedColumn;
    const { encodedPlace } = columns[place] as CapturedColumn;
    target.reserve(encodedPlace.length + encodedName.length + 5);
    target.element(elementType.text, encodedPlace);
    target.int32(encodedName.length);
    target.copy(encodedName, 0, encodedName.length);
    place += 1;
  }
  target.end(list);
}
