import { createHash } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';

/** A type as SQL names it, what has to be created for it first, and texts that its input takes. */
export class TypeModel {
  constructor(
    readonly name: string,
    readonly value: Arbitrary<string>,
    readonly definitions: readonly string[] = [],
    /** What stands between the items of its arrays. */
    readonly delimiter = name === 'box' ? ';' : ',',
  ) {}

  /** What a counterexample shows of it. */
  [fc.toStringMethod](): string {
    return JSON.stringify([this.name, ...this.definitions]);
  }
}

const pad = (value: number, length: number) => String(value).padStart(length, '0');
const int = (min: number, max: number) => fc.integer({ min, max });
const oneOfTexts = (...texts: string[]) => fc.constantFrom(...texts);
const joined = (separator: string, ...parts: Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => texts.join(separator));

/** Any text but for the null character, which PostgreSQL has no place for. */
export const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', ' '));

const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019é'), minLength: 1, maxLength: 6 });

/** Long enough, and random enough, to be stored outside its row. */
const longText = fc
  .nat(1_000)
  .map((seed) =>
    Array.from({ length: 150 }, (_, place) =>
      createHash('sha256').update(`${seed}:${place}`).digest('hex'),
    ).join(''),
  );

const float = String as (value: number) => string;
const signedZero = (value: number) => (Object.is(value, -0) ? '-0' : float(value));

const numeric = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), int(0, 45))
    .map(([digits, scale]) => `${digits}e-${scale}`),
  fc.tuple(int(-999, 999), int(0, 3)).map(([digits, scale]) => `${digits}e-${scale}`),
  oneOfTexts('NaN', 'Infinity', '-Infinity', '0.000', '1e300', '1e-7000'),
);

const yearMonthDay = fc.tuple(int(1, 9999), int(1, 12), int(1, 28));
const date = fc.oneof(
  fc
    .tuple(yearMonthDay, fc.boolean())
    .map(
      ([[year, month, day], past]) =>
        `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}${past && year < 4000 ? ' BC' : ''}`,
    ),
  oneOfTexts('infinity', '-infinity', '99999-01-01'),
);

const time = fc
  .tuple(
    int(0, 23),
    int(0, 59),
    int(0, 59),
    fc.oneof(
      int(0, 999_999),
      int(0, 999).map((part) => part * 1000),
    ),
  )
  .map(
    ([hour, minute, second, micros]) =>
      `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(micros, 6)}`,
  );

const timestamp = fc.oneof(
  fc
    .tuple(yearMonthDay, time, fc.boolean())
    .map(
      ([[year, month, day], at, past]) =>
        `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)} ${at}${past && year < 4000 ? ' BC' : ''}`,
    ),
  oneOfTexts('infinity', '-infinity', '99999-01-01 00:00:00'),
);

const zone = oneOfTexts('+00', '+05:30', '-08', '+14');

const interval = fc.oneof(
  fc
    .tuple(int(-2000, 2000), int(-400, 400), int(-1e12, 1e12))
    .map(([months, days, micros]) => `${months} mons ${days} days ${micros} microseconds`),
  oneOfTexts('infinity', '-infinity', '0'),
);

const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  oneOfTexts(
    'null',
    '"text"',
    '12345678901234567890.12',
    '{"$set":{"a.b":[]},"":0}',
    '{"_bsontype":"Long"}',
    '{"__proto__":{"x":1}}',
    '[[1],[2]]',
    '{"$ref":"a","$id":1}',
    `${'['.repeat(79)}${']'.repeat(79)}`,
    `${'{"a":'.repeat(90)}1${'}'.repeat(90)}`,
  ),
);
const repeatedNames = oneOfTexts('{"a":1,"a":2}', '[{"b":{"a":1,"a":1}}]');

const octet = int(0, 255).map(String);
const hexByte = int(0, 255).map((value) => value.toString(16).padStart(2, '0'));
const repeat = (part: Arbitrary<string>, times: number, separator: string) =>
  joined(separator, ...Array.from({ length: times }, () => part));
const bits = fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 12 });

const coordinate = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map(signedZero);
const point = joined(',', coordinate, coordinate).map((pair) => `(${pair})`);
const points = fc.array(point, { minLength: 1, maxLength: 4 }).map((list) => list.join(','));

const lexeme = fc
  .oneof(word, oneOfTexts("it's", 'back\\slash', 'a b'))
  .map((text) => `'${text.replace(/['\\]/g, '$&$&')}'`);
const quotedWord = fc.oneof(anyText, word).map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
const hstorePairs = fc
  .array(
    fc.tuple(
      fc.oneof(quotedWord, oneOfTexts('"_bsontype"', '"__proto__"', '"1"')),
      fc.option(quotedWord, { nil: 'NULL' }),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map((pair) => pair.join('=>')).join(','));

const scalar = (name: string, value: Arbitrary<string>, ...definitions: string[]) =>
  new TypeModel(name, value, definitions);

/** Types without inner structure, and texts for each. */
export const scalarTypes: readonly TypeModel[] = [
  scalar('smallint', int(-32768, 32767).map(String)),
  scalar('integer', fc.integer().map(String)),
  scalar('bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  scalar('numeric', numeric),
  scalar(
    'numeric(10,3)',
    int(-1e9, 1e9).map((value) => `${value}e-3`),
  ),
  scalar('real', fc.float().map(signedZero)),
  scalar('double precision', fc.double().map(signedZero)),
  scalar(
    'money',
    int(-1e12, 1e12).map((cents) => String(cents / 100)),
  ),
  scalar('boolean', oneOfTexts('t', 'f')),
  scalar('text', fc.oneof({ weight: 5, arbitrary: anyText }, { weight: 1, arbitrary: longText })),
  scalar('varchar(20)', anyText),
  scalar('char(4)', fc.string({ unit: fc.constantFrom('a', ' ', 'é', '"'), maxLength: 4 })),
  scalar('"char"', oneOfTexts('a', '"', '\\', '')),
  scalar('name', word),
  scalar(
    'bytea',
    fc.uint8Array({ maxLength: 20 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  ),
  scalar('uuid', fc.uuid()),
  scalar('date', date),
  scalar('time', time),
  scalar('timetz', joined('', time, zone)),
  scalar('timestamp', timestamp),
  scalar(
    'timestamptz',
    timestamp.map((text) => (/\d$/.test(text) && !text.startsWith('99999') ? `${text}+05:30` : text)),
  ),
  scalar('interval', interval),
  scalar('json', fc.oneof({ weight: 9, arbitrary: json }, { weight: 1, arbitrary: repeatedNames })),
  scalar('jsonb', json),
  scalar('xml', joined('', fc.constant('<a b="'), word, fc.constant('">'), word, fc.constant('&amp;</a>'))),
  scalar('inet', joined('', repeat(octet, 4, '.'), oneOfTexts('', '/8', '/32'))),
  scalar('cidr', repeat(octet, 4, '.')),
  scalar('macaddr', repeat(hexByte, 6, ':')),
  scalar('macaddr8', repeat(hexByte, 8, ':')),
  scalar('point', point),
  scalar(
    'line',
    joined(',', oneOfTexts('1', '-2.5'), coordinate, coordinate).map((line) => `{${line}}`),
  ),
  scalar(
    'lseg',
    joined(',', point, point).map((ends) => `[${ends}]`),
  ),
  scalar('box', joined(',', point, point)),
  scalar(
    'path',
    fc.tuple(points, fc.boolean()).map(([list, open]) => (open ? `[${list}]` : `(${list})`)),
  ),
  scalar(
    'polygon',
    points.map((list) => `(${list})`),
  ),
  scalar(
    'circle',
    joined(',', point, fc.nat(1000).map(String)).map((circle) => `<${circle}>`),
  ),
  scalar('tsvector', joined(' ', joined('', lexeme, oneOfTexts('', ':1A,2', ':3')), lexeme)),
  scalar('tsquery', joined('', lexeme, oneOfTexts(' & ', ' | !', ' <2> '), lexeme, oneOfTexts('', ':*AB'))),
  scalar('bit(4)', repeat(oneOfTexts('0', '1'), 4, '')),
  scalar('varbit', bits),
  scalar(
    'pg_lsn',
    fc
      .tuple(fc.nat(0xffff), fc.nat(0xffffff))
      .map(([high, low]) => `${high.toString(16)}/${low.toString(16)}`),
  ),
  scalar('oid', fc.nat(4_294_967_295).map(String)),
  scalar('regtype', oneOfTexts('int4range', 'integer[]', 'citext')),
  scalar('regclass', oneOfTexts('pg_class', 'pg_type')),
  scalar(
    'mood',
    oneOfTexts('fine', 'a "b"', "it's", 'Ünï,x', 'NULL'),
    `create type mood as enum ('fine', 'a "b"', 'it''s', 'Ünï,x', 'NULL')`,
  ),
  scalar('hstore', hstorePairs),
  scalar('citext', anyText),
  scalar(
    'ltree',
    fc.array(oneOfTexts('a', 'Bc', '1_2'), { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.')),
  ),
  scalar(
    'cube',
    joined(',', coordinate, coordinate).map((corner) => `(${corner})`),
  ),
];
