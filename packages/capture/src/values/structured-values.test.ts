import { afterAll, beforeAll, it } from '@jest/globals';
import { mongo } from 'mongoose';
import type { Capture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { expectStored } from '../testing/store-values.js';

let bench: CaptureBench;
let capture: Capture;
const { Binary, Decimal128, Long } = mongo;

beforeAll(async () => {
  bench = await openCaptureBench();
  capture = await bench.startCapture();
  await bench.query(`create type status as enum ('open', 'done'); create domain amount as numeric(10, 2);
    create domain amounts as amount[]; create domain label as text;
    create type point3 as (x int, y int, z int);
    create type address as ("Street.name" text, "$zip" amount, lines label[], at point3, extra jsonb);
    create domain home as address; create type nothing as (); create type numbered as ("2" int, "1" int);
    create type wrapper as (hidden int, "_bsontype" text);
    create type text_range as range (subtype = text); create type amount_range as range (subtype = amount);
    create extension hstore`);
});
afterAll(() => bench.close());

const decimal = (text: string) => Decimal128.fromString(text);
const range = (lower: unknown, upper: unknown, bounds: string) => ({
  lower,
  upper,
  lower_inclusive: bounds[0] === '[',
  upper_inclusive: bounds[1] === ']',
});

it('stores arrays as lists, one level for each dimension', () =>
  expectStored(bench, capture, [
    ['integer[]', '{1,NULL,3}', [1, null, 3]],
    [
      'integer[]',
      '{{1,2},{3,4}}',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['integer[][][]', '{{{1},{NULL}}}', [[[1], [null]]]],
    ['integer[]', '{}', []],
    ['integer[]', '[0:1]={1,2}', '[0:1]={1,2}'],
    ['bigint[]', '{1}', [Long.fromNumber(1)]],
    [
      'text[]',
      String.raw`{"a,b","c\"d","e\\f",NULL,"NULL",""," x ","{}"}`,
      ['a,b', 'c"d', 'e\\f', null, 'NULL', '', ' x ', '{}'],
    ],
    ['boolean[]', '{t,f}', [true, false]],
    ['bytea[]', String.raw`{"\\x00ff"}`, [new Binary(Buffer.from([0, 255]))]],
    ['float8[]', '{-0,NaN,-Infinity}', [-0, NaN, -Infinity]],
    ['timestamptz[]', '{2026-05-01 10:00:00+00,infinity}', [new Date('2026-05-01T10:00:00Z'), 'infinity']],
    ['interval[]', '{P1D}', ['P1D']],
    ['point[]', '{"(1,2)","(3,4)"}', ['(1,2)', '(3,4)']],
    ['box[]', '{(3,4),(1,2);(1,1),(0,0)}', ['(3,4),(1,2)', '(1,1),(0,0)']],
    ['uuid[]', '{6f1c1d4e-8f5f-4a43-9a39-0d2d5a3a9f10}', ['6f1c1d4e-8f5f-4a43-9a39-0d2d5a3a9f10']],
    ['money[]', '{"$1,234.56"}', ['$1,234.56']],
    ['tsvector[]', `{"'a':1 'b':2"}`, [`'a':1 'b':2`]],
    ['int2vector[]', '{"1 2"}', ['1 2']],
    ['status[]', '{open,done}', ['open', 'done']],
    ['amount[]', '{1.00}', [decimal('1.00')]],
    ['amounts', '{1.00,NULL}', [decimal('1.00'), null]],
    ['amounts[]', '{"{1.00,2.00}"}', ['{1.00,2.00}']],
    ['jsonb[]', String.raw`{"{\"a\": 1}","[1, 2]",2,null,"null"}`, [{ a: 1 }, '[1, 2]', 2, null, 'null']],
    ['point3[]', '{"(1,2,3)",NULL}', [{ x: 1, y: 2, z: 3 }, null]],
    ['int4range[]', '{"[1,5)",empty}', [range(1, 5, '[)'), { empty: true }]],
    ['int4multirange[]', '{"{[1,5)}"}', ['{[1,5)}']],
  ]));

it('stores ranges with their bounds, and multiranges as lists of them', () =>
  expectStored(bench, capture, [
    ['int4range', '[1,5)', range(1, 5, '[)')],
    ['int4range', 'empty', { empty: true }],
    ['int8range', '(,)', range(null, null, '()')],
    ['int8range', '[1,)', range(Long.fromNumber(1), null, '[)')],
    ['numrange', '(1.50,Infinity]', range(decimal('1.50'), 'Infinity', '(]')],
    [
      'tsrange',
      '["2026-01-01 00:00:00","2026-01-02 00:00:00"]',
      range('2026-01-01 00:00:00', '2026-01-02 00:00:00', '[]'),
    ],
    [
      'tstzrange',
      '["2026-01-01 00:00:00+00",infinity)',
      range(new Date('2026-01-01T00:00:00Z'), 'infinity', '[)'),
    ],
    ['daterange', '[2026-01-01,2026-02-01)', range('2026-01-01', '2026-02-01', '[)')],
    ['text_range', String.raw`["","a""b\\c,(d)"]`, range('', String.raw`a"b\c,(d)`, '[]')],
    ['amount_range', '[1.00,2.00]', range(decimal('1.00'), decimal('2.00'), '[]')],
    ['int4multirange', '{}', []],
    ['int4multirange', '{[1,3),[5,)}', [range(1, 3, '[)'), range(5, null, '[)')]],
    ['datemultirange', '{[2026-01-01,2026-02-01)}', [range('2026-01-01', '2026-02-01', '[)')]],
    ['text_multirange', '{["a,}","b]"],[c,d]}', [range('a,}', 'b]', '[]'), range('c', 'd', '[]')]],
  ]));

it('stores composites as documents by column name', () =>
  expectStored(bench, capture, [
    ['point3', '(1,,3)', { x: 1, y: null, z: 3 }],
    [
      'address',
      String.raw`("Rd ""1"", \\Bern",3000.00,"{a,NULL,""b c""}","(1,2,3)","{""k"": [1]}")`,
      {
        'Street.name': String.raw`Rd "1", \Bern`,
        $zip: decimal('3000.00'),
        lines: ['a', null, 'b c'],
        at: { x: 1, y: 2, z: 3 },
        extra: { k: [1] },
      },
    ],
    ['home', '("",,,,)', { 'Street.name': '', $zip: null, lines: null, at: null, extra: null }],
    ['nothing', '()', {}],
    ['numbered', '(1,2)', '(1,2)'],
    ['wrapper', '(1,Long)', '(1,Long)'],
  ]));

it('stores hstore as a document of texts', () =>
  expectStored(bench, capture, [
    [
      'hstore',
      String.raw`"a"=>"1", "b"=>NULL, ""=>"NULL", "q\"\\"=>"x => y", "$a.b"=>""`,
      { a: '1', b: null, '': 'NULL', 'q"\\': 'x => y', '$a.b': '' },
    ],
    ['hstore', '', {}],
    ['hstore', '"_bsontype"=>"Long"', '"_bsontype"=>"Long"'],
    ['hstore[]', String.raw`{"\"a\"=>\"1\""}`, [{ a: '1' }]],
  ]));

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

it('stores json as documents, and as its text where a document would lose something', () =>
  expectStored(bench, capture, [
    ['json', '{"a": [1, 2.50, null]}', { a: [1, 2.5, null] }],
    [
      'jsonb',
      '{"text": "12345678901234567890", "safe": 9007199254740991}',
      { text: '12345678901234567890', safe: 9007199254740991 },
    ],
    ['jsonb', '{"": 1, "$set": {"a.b": true}, "$ref": "#/x"}', { '': 1, $set: { 'a.b': true }, $ref: '#/x' }],
    ['jsonb', '[1e2, 0.000000000000000012, -0.5]', [100, 0.000000000000000012, -0.5]],
    ['jsonb', deep(78), JSON.parse(deep(78))],
    ['jsonb', 'true', true],
    ['jsonb', '-1.5', -1.5],
    ...[
      ['jsonb', '{"id": 12345678901234567890}'],
      ['jsonb', '9007199254740993'],
      ['jsonb', `[0.${'0'.repeat(400)}1]`],
      ['jsonb', '"text"'],
      ['jsonb', 'null'],
      ['jsonb', deep(90)],
      ['jsonb', '{"_bsontype": "ObjectId"}'],
      ['jsonb', '{"a": {"__proto__": 1}}'],
      ['jsonb', '{"$id": 1, "$ref": "orders"}'],
      ['json', '{"a": 1, "b": {"c": 1, "c": 2}}'],
      ['json', String.raw`{"a\u0000b": 1}`],
      ['json', String.raw`["\ud800"]`],
      ['json', String.raw`{"\u005fbsontype": "ObjectId"}`],
      ['json', ' "text" '],
    ].map(([type, text]): [string, string, unknown] => [type!, text!, text]),
  ]));
