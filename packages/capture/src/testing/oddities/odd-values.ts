import fc, { type Arbitrary } from 'fast-check';

/** A value as SQL makes it: small in a test's text, and as large as told in the database. */
export interface OddValue {
  /** The column's type. */
  type: string;
  /** An expression of that type. */
  sql: string;
}

/** Types that odd values are of, made once. */
export const oddTypes = [
  'create extension if not exists hstore',
  'create extension if not exists ltree',
  'create extension if not exists citext',
  `create type odd_enum as enum ('', '__proto__', 'it''s', 'a "b"', '{}')`,
  'create type odd_pair as (a text, b text)',
  'create type odd_names as ("__proto__" text, "1" int, "a.b" text, " " text)',
  'create type odd_inheriting as ("constructor" odd_pair[], "toString" text)',
  'create domain odd_domain as odd_pair[]',
  'create type odd_range as range (subtype = text, collation = "C")',
  // Each consists of the one before twice. PostgreSQL itself looks at each as often as it occurs when a type is made.
  'create type odd_level_0 as (a int, b int)',
  ...Array.from(
    { length: 14 },
    (_, level) => `create type odd_level_${level + 1} as (a odd_level_${level}, b odd_level_${level})`,
  ),
  `create type odd_wide as (${Array.from({ length: 1_600 }, (_, index) => `c${index} odd_level_9`).join(', ')})`,
  // Domains as deep as somebody may make them.
  'create domain odd_depth_0 as int',
  ...Array.from({ length: 60 }, (_, depth) => `create domain odd_depth_${depth + 1} as odd_depth_${depth}`),
];

const repeated = (part: string, size: number, separator = '') =>
  `repeat('${part}${separator}', ${Math.max(1, Math.ceil(size / (part.length + separator.length)))})`;
/** Items that differ, with `$` in the place of a number: `1,2,3`. */
const series = (item: string, size: number, separator = ',') =>
  `(select string_agg(replace('${item}', '$', i::text), '${separator}') from generate_series(1, ${Math.max(1, Math.ceil(size / item.length))}) i)`;
const value = (type: string, sql: string): OddValue => ({ type, sql: `(${sql})::${type}` });

/** Values of every type that can be large, of about so many bytes. */
const largeValues: readonly ((size: number) => OddValue)[] = [
  ...['text', 'varchar', 'citext', 'bytea'].map((type) => (size: number) => value(type, repeated('x', size))),
  (size) => value('text', repeated('😀', size)),
  (size) => value('text', repeated('\\"{}', size)),
  (size) => value('bytea', `'\\x' || ${repeated('00ff', size)}`),
  (size) => value('json', `'"' || ${repeated('a:b,', size)} || '"'`),
  (size) => value('json', `'{"a": "' || ${repeated('\\"', size)} || '"}'`),
  (size) => value('json', `'{"a": ' || ${repeated(' ', size)} || '1}'`),
  (size) => value('json', `'[1' || ${repeated('0', size)} || ']'`),
  (size) => value('json', `'[0.' || ${repeated('0001', size)} || ']'`),
  (size) => value('json', `'{' || ${series('"$":1', size)} || '}'`),
  (size) => value('json', `'{' || ${repeated('"a":1,', size)} || '"b":2}'`),
  (size) =>
    value('json', `${repeated('[', Math.min(size, 5_000))} || ${repeated(']', Math.min(size, 5_000))}`),
  (size) => value('jsonb', `'{' || ${series('"name $":null', size)} || '}'`),
  (size) => value('jsonb', `'[' || ${series('{"a":[$]}', size)} || ']'`),
  (size) => value('jsonb', `'{"k":"' || ${repeated('x', size)} || '"}'`),
  (size) => value('int[]', `'{' || ${series('$', size)} || '}'`),
  (size) => value('text[]', `array_fill(${repeated('\\"', Math.ceil(size / 4))}, array[4])`),
  (size) => value('text[]', `array_fill(''::text, array[${Math.ceil(size / 3)}])`),
  (size) => value('numeric[]', `'{' || ${series('$.00', size)} || '}'`),
  (size) => value('odd_pair[]', `array_fill(('(' || ',' || ')')::odd_pair, array[${Math.ceil(size / 4)}])`),
  (size) => value('odd_domain', `'{' || ${series('"($,)"', size)} || '}'`),
  (size) => value('odd_pair', `row(${repeated('\\"', size)}, null)`),
  (size) => value('hstore', `hstore('a', ${repeated('"', size)})`),
  (size) => value('hstore', series('$=>1', size)),
  (size) => value('odd_range', `odd_range('a', 'b' || ${repeated('\\"', size)})`),
  (size) => value('int4multirange', `'{' || ${series('[$0,$1)', size)} || '}'`),
  (size) => value('varbit', repeated('10', size)),
  (size) => value('xml', `'<a>' || ${repeated('<b/>', Math.min(size, 4_000_000))} || '</a>'`),
  (size) => value('path', `'(' || ${series('(1,$)', size)} || ')'`),
  (size) => value('tsvector', series('w$', Math.min(size, 200_000), ' ')),
  (size) => value('ltree', series('l$', Math.min(size, 100_000), '.')),
  (size) => value('numeric', `'1' || ${repeated('0', Math.min(size, 131_000))}`),
  (size) => value('numeric', `'0.' || ${repeated('1', Math.min(size, 16_000))}`),
];

/** Values that are odd, and small. */
const smallValues: readonly OddValue[] = [
  value('odd_enum', `'__proto__'`),
  value('odd_enum[]', `'{"",__proto__,"{}"}'`),
  value('odd_names', `'(a,1,b,c)'`),
  value('odd_level_14', `null::text`),
  value('odd_level_13', `'(,)'`),
  value('odd_wide', `'(${','.repeat(1_599)})'`),
  value('odd_wide[]', `array_fill('(${','.repeat(1_599)})'::odd_wide, array[3])`),
  value('odd_depth_60', '1'),
  value('odd_depth_60[]', `'{1,2}'`),
  value('json', `'{"10": 1, "9": 2, "a": 3, "2": {"b": 1, "1": 2}}'`),
  value('json', `'{"__proto__": {"a": 1}, "_bsontype": "Long", "$id": 1}'`),
  value('json', `'{"a": 1e400, "b": -0, "c": "\\ud800", "d": "\\u0000"}'`),
  value('jsonb', `'{"constructor": [{"a": 1}], "toString": [[1]], "b": {"valueOf": [{}]}}'`),
  value('jsonb', `'{"constructor": {"a": 1}, "toString": 1}'`),
  value('odd_inheriting', `'("{""(1,2)""}",1)'`),
  value('odd_pair[]', `'{"(1,2)"}'`),
  value('hstore', `'"__proto__"=>"1", "10"=>NULL, "9"=>"a"'`),
  value('int[]', `'[5:6]={1,2}'`),
  value('int[]', `'{{{{{{1}}}}}}'`),
  value('float8[]', `'{NaN,Infinity,-0,5e-324}'`),
  value('timestamptz[]', `'{infinity,-infinity,"4713-01-01 BC","294276-12-31"}'`),
  value('interval', `'178000000 years'`),
  value('tstzmultirange', `'{[-infinity,infinity]}'`),
  value('money', `'-92233720368547758.08'`),
  value('xid8', `'18446744073709551615'`),
  value('"char"', `'\\377'`),
  value('regclass', `'pg_class'`),
  value('jsonpath', `'$.a[*] ? (@ > 1)'`),
  value('aclitem', `'=r/postgres'`),
];

/** Any odd value; those that can be large are of one of the sizes. */
export function anyOddValue(sizes: readonly number[]): Arbitrary<OddValue> {
  const largeValue = fc
    .tuple(fc.constantFrom(...largeValues), fc.constantFrom(...sizes))
    .map(([make, size]) => make(size));
  return fc.oneof(
    { weight: 2, arbitrary: largeValue },
    { weight: 1, arbitrary: fc.constantFrom(...smallValues) },
  );
}

/** Every odd value once. */
export function everyOddValue(size: number): OddValue[] {
  return [...smallValues, ...largeValues.map((make) => make(size))];
}
