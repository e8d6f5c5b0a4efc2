import { BsonBuffer, elementType, encodeElements } from './bson-buffer.js';
import { listElements, type BsonElement } from './bson-elements.js';
import { describeOmitted, encodeOmitted, wrapperBytes } from './omitted-value.js';

/** A document may have 16 MiB; what is left over is for the fields besides the rows. */
const mostRowBytes = 15 * 1024 * 1024;

const rowNames = ['old_value', 'new_value'];
const omittedName = 'omitted_fields';

/**
 * Leaves the largest values out of the last document of the buffer, which is larger than a document may be: the largest
 * first, each in the row before and after. It names their columns in `omitted_fields`. What is left stays byte for byte,
 * and nothing is read: a value may take more memory than there is.
 */
export function omitLargeValues(documents: BsonBuffer, start: number): void {
  const { bytes } = documents;
  const fields = listElements(bytes, start);
  const rows = new Map(
    fields
      .filter(({ name, type }) => rowNames.includes(name) && type === elementType.document)
      .map((row) => [row, listElements(bytes, row.valueStart)]),
  );
  const before = readOmittedNames(bytes, fields);
  const omitted = chooseLargest([...rows.values()].flat());
  if (omitted.size === 0) return;
  const reduced = new BsonBuffer(mostRowBytes / 4);
  const copy = (from: number, end: number) => {
    reduced.reserve(end - from);
    reduced.copy(bytes, from, end);
  };
  reduced.reserve(4);
  const document = reduced.begin();
  for (const field of fields) {
    const row = rows.get(field);
    if (row === undefined) {
      if (field.name !== omittedName) copy(field.start, field.end);
      continue;
    }
    copy(field.start, field.valueStart);
    reduced.reserve(4);
    const begun = reduced.begin();
    for (const element of row) {
      const { type, name, start: from, valueStart, end } = element;
      const stays = !omitted.has(name) || type === elementType.null || isOmitted(bytes, element, before);
      if (stays) copy(from, end);
      else
        encodeOmitted(
          reduced,
          bytes.subarray(from + 1, valueStart),
          describeOmitted(type, bytes.subarray(valueStart, end)),
        );
    }
    reduced.end(begun);
  }
  const names = encodeElements({ [omittedName]: [...new Set([...before, ...omitted])] });
  reduced.reserve(names.length);
  reduced.copy(names, 0, names.length);
  reduced.end(document);
  documents.offset = start;
  documents.reserve(reduced.offset);
  documents.copy(reduced.bytes, 0, reduced.offset);
}

/** The columns of which values were left out before they were written. */
function readOmittedNames(bytes: Buffer, fields: readonly BsonElement[]): Set<string> {
  const list = fields.find(({ name }) => name === omittedName);
  const items = list === undefined ? [] : listElements(bytes, list.valueStart);
  return new Set(items.map(({ valueStart, end }) => bytes.toString('utf8', valueStart + 4, end - 1)));
}

function isOmitted(
  bytes: Buffer,
  { type, name, valueStart }: BsonElement,
  before: ReadonlySet<string>,
): boolean {
  if (!before.has(name) || type !== elementType.document) return false;
  return listElements(bytes, valueStart)[0]?.name === 'omitted_bytes';
}

/** The fields whose values are to be left out of all rows, so that the others have room. */
function chooseLargest(elements: readonly BsonElement[]): Set<string> {
  const sizes = new Map<string, number>();
  for (const { name, valueStart, end } of elements)
    sizes.set(name, (sizes.get(name) ?? 0) + end - valueStart + wrapperBytes);
  let total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const omitted = new Set<string>();
  const largest = new Map<string, number>();
  for (const { name, valueStart, end } of elements)
    largest.set(name, Math.max(largest.get(name) ?? 0, end - valueStart));
  for (const [name] of [...largest].sort(([, a], [, b]) => b - a)) {
    if (total <= mostRowBytes) break;
    omitted.add(name);
    total -= sizes.get(name) as number;
  }
  return omitted;
}
