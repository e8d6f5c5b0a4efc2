import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import type { Capture } from './index.js';
import { openCaptureBench, type CaptureBench } from './testing/open-capture-bench.js';

let bench: CaptureBench;
let capture: Capture;
const { Binary, Decimal128, Long } = mongo;

beforeAll(async () => {
  bench = await openCaptureBench();
  capture = await bench.startCapture();
  await bench.query(`create type status as enum ('open', 'done'); create domain amount as numeric(10, 2);
    create type point3 as (x int, y int, z int)`);
});
afterAll(() => bench.close());

const cases: [type: string, literal: string, stored: unknown][] = [
  ['smallint', '-32768', -32768],
  ['integer', '2147483647', 2147483647],
  ['bigint', '9223372036854775807', Long.fromString('9223372036854775807')],
  ['numeric', '12345678901234567890.120', Decimal128.fromString('12345678901234567890.120')],
  ['numeric', '1234567890123456789012345678901234.5', '1234567890123456789012345678901234.5'],
  ['numeric', 'NaN', 'NaN'],
  ['real', '1.1', 1.1],
  ['double precision', '-1.7976931348623157e308', -1.7976931348623157e308],
  ['double precision', 'Infinity', Infinity],
  ['boolean', 'false', false],
  ['timestamptz', '2026-05-01 10:00:00.123+02', new Date('2026-05-01T08:00:00.123Z')],
  ['timestamptz', '2026-05-01 10:00:00.123456+02', '2026-05-01 08:00:00.123456+00'],
  ['timestamptz', 'infinity', 'infinity'],
  ['timestamptz', '0044-03-15 12:00:00+00 BC', '0044-03-15 12:00:00+00 BC'],
  ['timestamp', '2026-05-01 10:00:00', '2026-05-01 10:00:00'],
  ['date', '2026-05-01', '2026-05-01'],
  ['time', '10:00:00.5', '10:00:00.5'],
  ['interval', '1 day 2 hours', 'P1DT2H'],
  ['json', '{"a": [1, 2.50, null]}', { a: [1, 2.5, null] }],
  ['jsonb', '{"id": 12345678901234567890}', '{"id": 12345678901234567890}'],
  [
    'jsonb',
    '{"text": "12345678901234567890", "safe": 9007199254740991}',
    { text: '12345678901234567890', safe: 9007199254740991 },
  ],
  ['json', String.raw`{"a\u0000b": 1}`, String.raw`{"a\u0000b": 1}`],
  ['jsonb', '['.repeat(90) + ']'.repeat(90), '['.repeat(90) + ']'.repeat(90)],
  ['jsonb', 'null', null],
  ['bytea', '\\x00ff10', new Binary(Buffer.from([0, 255, 16]))],
  ['uuid', '6f1c1d4e-8f5f-4a43-9a39-0d2d5a3a9f10', '6f1c1d4e-8f5f-4a43-9a39-0d2d5a3a9f10'],
  ['text', 'Zürich 東京 🚧', 'Zürich 東京 🚧'],
  ['text', '', ''],
  ['inet', '10.0.0.1/24', '10.0.0.1/24'],
  ['int4range', '[1,5)', '[1,5)'],
  ['point', '(1,2)', '(1,2)'],
  ['status', 'done', 'done'],
  ['amount', '5.10', Decimal128.fromString('5.10')],
  ['point3', '(1,2,3)', '(1,2,3)'],
  ['integer[]', '{1,NULL,3}', [1, null, 3]],
  [
    'integer[]',
    '{{1,2},{3,4}}',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['integer[]', '{}', []],
  ['integer[]', '[0:1]={1,2}', '[0:1]={1,2}'],
  ['bigint[]', '{1}', [Long.fromNumber(1)]],
  ['text[]', String.raw`{"a,b","c\"d","e\\f",NULL,"NULL",""}`, ['a,b', 'c"d', 'e\\f', null, 'NULL', '']],
  ['status[]', '{open,done}', ['open', 'done']],
  ['amount[]', '{1.00}', [Decimal128.fromString('1.00')]],
  ['jsonb[]', String.raw`{"{\"a\": 1}"}`, [{ a: 1 }]],
];

it('stores values of all these types without loss, the same before and after', async () => {
  await bench.query(
    `create table samples (id int primary key, ${cases.map(([type], index) => `c${index} ${type}`).join(', ')})`,
  );
  await bench.query(
    `insert into samples values (1, ${cases.map((_, index) => `$${index + 1}`).join(', ')})`,
    cases.map(([, literal]) => literal),
  );
  await bench.query('update samples set id = 2');
  await bench.catchUp(capture);
  const [, update] = await bench.changelog
    .find({ entity_type: 'samples' }, { promoteLongs: false, promoteValues: true })
    .sort({ _id: 1 })
    .toArray();
  expect(update!.changed_fields).toEqual(['id']);
  for (const row of [update!.old_value!, update!.new_value!]) {
    cases.forEach(([type, literal, stored], index) =>
      expect([type, literal, row[`c${index}`]]).toEqual([type, literal, stored]),
    );
  }
});

it('keeps every digit and the scale of a number', async () => {
  const totals = [
    '0',
    '0.00',
    '-0.0010',
    `${'9'.repeat(32)}.99`,
    `${'9'.repeat(33)}.99`,
    `1${'0'.repeat(40)}`,
    `0.${'0'.repeat(30)}1`,
  ];
  await bench.query('create table sums (id bigint primary key, total numeric)');
  await bench.query(
    'insert into sums select place, total::numeric from unnest($1::text[]) with ordinality as t (total, place)',
    [totals],
  );
  await bench.catchUp(capture);
  const stored = (await bench.readChanges('sums')).map(({ new_value }) => String(new_value!['total']));
  const compared = await bench.query(
    `select a.text as total, a.text::numeric = b.text::numeric and scale(a.text::numeric) = scale(b.text::numeric) as same
     from unnest($1::text[]) with ordinality as a (text, place)
     join unnest($2::text[]) with ordinality as b (text, place) using (place)`,
    [totals, stored],
  );
  expect(compared).toEqual(totals.map((total) => ({ total, same: true })));
});
