import { afterAll, beforeAll, expect, it } from '@jest/globals';
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
  await bench.query(`create type status as enum ('open', 'done', 'it''s "odd"');
    create domain amount as numeric(10, 2); create domain small_amount as amount check (value < 10);
    create extension citext; create extension ltree; create extension cube; create extension isn`);
});
afterAll(() => bench.close());

/** Types whose values are PostgreSQL's own text. */
const asText: [type: string, literal: string][] = [
  ['text', 'Zürich 東京 🚧'],
  ['text', ''],
  ['varchar(20)', 'a\tb\\c"d\n'],
  ['char(5)', 'ab   '],
  ['"char"', 'x'],
  ['name', 'a_name'],
  ['money', '$1,234.56'],
  ['money', '-$92,233,720,368,547,758.08'],
  ['timestamp', '2026-05-01 10:00:00'],
  ['timestamp', '2026-05-01 10:00:00.123456'],
  ['timestamp', '-infinity'],
  ['timestamp', '4713-01-01 00:00:00 BC'],
  ['timestamp', '294276-12-31 23:59:59.999999'],
  ['timestamptz', '2026-05-01 08:00:00.123456+00'],
  ['timestamptz', 'infinity'],
  ['timestamptz', '0044-03-15 12:00:00+00 BC'],
  ['timestamptz', '12026-05-01 08:00:00+00'],
  ['date', '2026-05-01'],
  ['date', 'infinity'],
  ['date', '0044-03-15 BC'],
  ['date', '5874897-12-31'],
  ['time', '10:00:00.5'],
  ['time', '24:00:00'],
  ['timetz', '10:00:00.000001+05:30'],
  ['interval', 'P1DT2H'],
  ['interval', 'P10M3DT-3H-55M-6.789S'],
  ['interval', 'PT0S'],
  ['interval', '-infinity'],
  ['uuid', '6f1c1d4e-8f5f-4a43-9a39-0d2d5a3a9f10'],
  ['inet', '10.0.0.1/24'],
  ['inet', '2001:db8::1'],
  ['cidr', '10.0.0.0/8'],
  ['macaddr', '08:00:2b:01:02:03'],
  ['macaddr8', '08:00:2b:01:02:03:04:05'],
  ['point', '(1,2.5)'],
  ['line', '{1,-1,0}'],
  ['lseg', '[(1,2),(3,4)]'],
  ['box', '(3,4),(1,2)'],
  ['path', '[(1,2),(3,4)]'],
  ['path', '((1,2),(3,4))'],
  ['polygon', '((0,0),(1,0),(1,1e-300))'],
  ['circle', '<(1,2),3>'],
  ['tsvector', `'a':1A,3B 'it''s':2`],
  ['tsquery', `'a' & !( 'b' <2> 'c':*A )`],
  ['bit(3)', '101'],
  ['varbit', ''],
  ['varbit', '0000000001'],
  ['xml', '<a href="x">1 &amp; 2</a>'],
  ['pg_lsn', '16/B374D848'],
  ['regtype', 'pg_catalog.int4range'],
  ['regclass', 'pg_catalog.pg_class'],
  ['xid8', '18446744073709551615'],
  ['tid', '(0,1)'],
  ['jsonpath', '$."a"[*]?(@ > 1)'],
  ['int2vector', '1 2 3'],
  ['oidvector', '1 4294967295'],
  ['pg_snapshot', '10:20:10,14'],
  ['status', 'done'],
  ['status', `it's "odd"`],
  ['citext', 'MiXed'],
  ['ltree', 'Top.Science.Astronomy'],
  ['cube', '(1, 2),(3, 4)'],
  ['isbn13', '978-0-393-04002-9'],
];

/** Reg types are written with their schema, whatever the search path of the session that reads them. */
const storedTexts: Record<string, string> = {
  'pg_catalog.int4range': 'int4range',
  'pg_catalog.pg_class': 'pg_class',
};

it('stores as PostgreSQL writes it whatever BSON has no type for', async () => {
  await expectStored(
    bench,
    capture,
    asText.map(([type, literal]) => [type, literal, storedTexts[literal] ?? literal]),
  );
});

it('stores numbers, booleans, instants and bytes as such, and as text where they would lose something', async () => {
  const odd = 'Point of No Return';
  await bench.query(`create table "${odd}" (id int primary key)`);
  await expectStored(bench, capture, [
    ['smallint', '-32768', -32768],
    ['integer', '2147483647', 2147483647],
    ['integer', '-2147483648', -2147483648],
    ['bigint', '9223372036854775807', Long.fromString('9223372036854775807')],
    ['bigint', '-9223372036854775808', Long.fromString('-9223372036854775808')],
    ['bigint', '7', Long.fromNumber(7)],
    ['bigint', '-999999999999999', Long.fromNumber(-999999999999999)],
    ['oid', '4294967295', 4294967295],
    ['regclass', `"${odd}"`, `public."${odd}"`],
    ['numeric', '12345678901234567890.120', Decimal128.fromString('12345678901234567890.120')],
    ['numeric', '1234567890123456789012345678901234.5', '1234567890123456789012345678901234.5'],
    ['numeric(5,-2)', '12300', Decimal128.fromString('12300')],
    ['numeric', 'NaN', 'NaN'],
    ['numeric', '-Infinity', '-Infinity'],
    ['real', '1.1', 1.1],
    ['real', '3.4028235e+38', 3.4028235e38],
    ['real', '-Infinity', -Infinity],
    ['double precision', '-1.7976931348623157e308', -1.7976931348623157e308],
    ['double precision', '5e-324', 5e-324],
    ['double precision', '0.1', 0.1],
    ['double precision', 'Infinity', Infinity],
    ['double precision', 'NaN', NaN],
    ['double precision', '-0', -0],
    ['boolean', 'false', false],
    ['boolean', 'true', true],
    ['timestamptz', '2026-05-01 10:00:00.123+02', new Date('2026-05-01T08:00:00.123Z')],
    ['timestamptz', '0001-01-01 00:00:00+00', new Date('0001-01-01T00:00:00.000Z')],
    ['bytea', '\\x00ff10', new Binary(Buffer.from([0, 255, 16]))],
    ['bytea', '', new Binary(Buffer.from([]))],
    ['amount', '5.10', Decimal128.fromString('5.10')],
    ['small_amount', '5.10', Decimal128.fromString('5.10')],
  ]);
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
    `0.${'0'.repeat(6175)}1`,
    `0.${'0'.repeat(6176)}1`,
    `0.${'0'.repeat(16000)}1`,
    `${'9'.repeat(131_072)}.${'9'.repeat(16_383)}`,
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

it('stores the same values whatever the database is set to', async () => {
  const [{ name }] = (await bench.query('select quote_ident(current_database()) as name')) as [
    { name: string },
  ];
  const settings = {
    datestyle: 'SQL, DMY',
    timezone: 'Asia/Kolkata',
    intervalstyle: 'sql_standard',
    extra_float_digits: '-15',
    bytea_output: 'escape',
    search_path: 'pg_catalog, public',
    quote_all_identifiers: 'on',
  };
  for (const [setting, value] of Object.entries(settings)) {
    const list = setting === 'search_path' || setting === 'datestyle';
    await bench.query(`alter database ${name} set ${setting} = ${list ? value : `'${value}'`}`);
  }
  await capture.stop();
  capture = await bench.startCapture();
  await bench.query(`create table settled (day date, at timestamptz, span interval, ratio float8, content bytea, whose regclass);
    insert into settled values ('2026-05-04', '2026-05-04 10:00:00Z', '1 day 2 hours', 0.1, '\\x00', 'settled')`);
  await bench.catchUp(capture);
  expect((await bench.readChanges('settled'))[0]!.new_value).toEqual({
    day: '2026-05-04',
    at: new Date('2026-05-04T10:00:00Z'),
    span: 'P1DT2H',
    ratio: 0.1,
    content: new Binary(Buffer.from([0])),
    whose: 'public.settled',
  });
});
