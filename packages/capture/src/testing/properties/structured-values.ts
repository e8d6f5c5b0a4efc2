import { createHash } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { anyText, scalarTypes, TypeModel } from './scalar-values.js';

const quoteWithBackslash = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const quoteWithDoubling = (text: string) => `"${text.replace(/["\\]/g, '$&$&')}"`;
const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Types get their names from their definitions, so that equal ones are one. */
const nameAfter = (prefix: string, definition: string) =>
  `${prefix}_${createHash('sha256').update(definition).digest('hex').slice(0, 12)}`;

/** Arrays of one or two dimensions, empty ones, null items, and lower bounds other than 1. */
function arrayOf(item: TypeModel): TypeModel {
  const { delimiter } = item;
  const cell = fc.option(item.value.map(quoteWithBackslash), { nil: 'NULL', freq: 4 });
  const one = fc
    .array(cell, { maxLength: 3 })
    .map((cells) => ({ dimensions: [cells.length], text: `{${cells.join(delimiter)}}` }));
  const two = fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.array(cell, { minLength: 4, maxLength: 4 }))
    .map(([width, cells]) => {
      const rows = width === 1 ? cells.map((text) => [text]) : [cells.slice(0, 2), cells.slice(2)];
      const text = `{${rows.map((row) => `{${row.join(delimiter)}}`).join(delimiter)}}`;
      return { dimensions: [rows.length, width], text };
    });
  const value = fc
    .tuple(fc.oneof(one, two), fc.option(fc.integer({ min: -2, max: 3 }), { freq: 3 }))
    .map(([{ dimensions, text }, from]) => {
      if (from === null || dimensions[0] === 0) return text;
      return `${dimensions.map((length) => `[${from}:${from + length - 1}]`).join('')}=${text}`;
    });
  return new TypeModel(`${item.name}[]`, value, item.definitions, delimiter);
}

function domainOver(base: TypeModel): TypeModel {
  const name = nameAfter('domain', base.name);
  const definition = `create domain ${name} as ${base.name}`;
  return new TypeModel(name, base.value, [...base.definitions, definition], base.delimiter);
}

const attributeNames = ['a', 'B', 'c.d', '$e', 'f "g"', '1'];

function compositeOf(types: readonly TypeModel[]): TypeModel {
  const columns = types.map((type, index) => `${quoteName(attributeNames[index]!)} ${type.name}`).join(', ');
  const name = nameAfter('composite', columns);
  const fields = types.map((type) => fc.option(type.value.map(quoteWithDoubling), { nil: '', freq: 4 }));
  const value = fc.tuple(...fields).map((texts) => `(${texts.join(',')})`);
  const definitions = types.flatMap((type) => type.definitions);
  return new TypeModel(name, value, [...definitions, `create type ${name} as (${columns})`]);
}

const secondsInYear = 31_556_952;
const instant = (seconds: number) => new Date(seconds * 1000).toISOString();
/** What ranges go over: how a place on a line is written; places that are further right are greater. */
const lines: Record<string, (place: number) => string> = {
  int4: String,
  int8: (place) => String(BigInt(place) * 4_000_000_000n),
  num: (place) => `${place}e-2`,
  date: (place) => instant(place * 86_400).slice(0, 10),
  ts: (place) =>
    instant(place * 7_777)
      .replace('T', ' ')
      .slice(0, -1),
  tstz: (place) => instant((place * secondsInYear) / 100),
};

const bounds = fc.tuple(fc.constantFrom('[', '('), fc.constantFrom(']', ')'));

function rangeValue(lower: Arbitrary<string>, upper: Arbitrary<string>): Arbitrary<string> {
  const end = (bound: Arbitrary<string>) => fc.option(bound.map(quoteWithDoubling), { nil: '', freq: 5 });
  return fc
    .tuple(bounds, end(lower), end(upper))
    .map(([[open, close], from, to]) => `${open}${from},${to}${close}`);
}

const builtInRanges = Object.entries(lines).flatMap(([line, write]): TypeModel[] => {
  const value = fc.oneof(
    {
      weight: 8,
      arbitrary: rangeValue(
        fc.integer({ min: -5000, max: 0 }).map(write),
        fc.integer({ min: 0, max: 5000 }).map(write),
      ),
    },
    { weight: 1, arbitrary: fc.constant('empty') },
  );
  return [new TypeModel(`${line}range`, value), multirangeModel(`${line}multirange`, value)];
});

const textRange = 'create type text_range as range (subtype = text, collation = "C")';
const textRangeValue = rangeValue(
  anyText.map((text) => `a${text}`),
  anyText.map((text) => `b${text}`),
);

function multirangeModel(name: string, range: Arbitrary<string>, definitions?: string[]): TypeModel {
  const value = fc.array(range, { maxLength: 3 }).map((ranges) => `{${ranges.join(',')}}`);
  return new TypeModel(name, value, definitions);
}

const rangeTypes: readonly TypeModel[] = [
  ...builtInRanges,
  new TypeModel('text_range', textRangeValue, [textRange]),
  multirangeModel('text_multirange', textRangeValue, [textRange]),
];

const simpleTypes = [...scalarTypes, ...rangeTypes];

/** One of each: every simple type, an array of each, and some of what they can be built into. */
export const everyType: readonly TypeModel[] = [
  ...simpleTypes,
  ...simpleTypes.map(arrayOf),
  domainOver(domainOver(arrayOf(simpleTypes[3]!))),
  arrayOf(domainOver(arrayOf(simpleTypes[3]!))),
  compositeOf([]),
  ...Array.from({ length: Math.ceil(simpleTypes.length / 6) }, (_, group) =>
    compositeOf(simpleTypes.slice(group * 6, group * 6 + 6)),
  ),
];

/** Any type, built of types down to the depth. */
export function anyType(depth = 3): Arbitrary<TypeModel> {
  const simple = fc.constantFrom(...simpleTypes);
  if (depth === 0) return simple;
  const inner = anyType(depth - 1);
  const item = inner.filter(({ name }) => !name.endsWith('[]'));
  return fc.oneof(
    { weight: 6, arbitrary: simple },
    { weight: 3, arbitrary: item.map(arrayOf) },
    { weight: 1, arbitrary: inner.map(domainOver) },
    { weight: 2, arbitrary: fc.array(inner, { maxLength: attributeNames.length }).map(compositeOf) },
  );
}
