import fc, { type Arbitrary } from 'fast-check';
import pg from 'pg';
import { anyOddValue, type OddValue } from './odd-values.js';

/** What a program does that nobody here wrote. */
export type OddStep =
  | { kind: 'value'; odd: OddValue; table: string; column: string; identity: string }
  | { kind: 'message'; transactional: boolean; prefix: string; content: string };

const names = fc.oneof(
  fc.constantFrom(
    '*',
    'a.b',
    '"',
    ' ',
    '$set',
    '__proto__',
    '__proto___',
    '_bsontype',
    'constructor',
    '1',
    'é'.repeat(31),
    '😀'.repeat(15),
    'x'.repeat(63),
    '{"a":1}',
    `it's`,
    'back\\slash',
    'line\nbreak',
  ),
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 15 })
    .map((text) => Buffer.from(text).toString().replaceAll('\0', ' ')),
);

const identities = fc.constantFrom('full', 'default', 'nothing', 'using index odd_key');

const prefixes = fc.oneof(
  fc.constantFrom(
    ...['actor', 'user', 'snapshot', 'gap', 'table', 'unheard'].map((name) => `'infratraq.${name}'`),
    `''`,
    `repeat('p', 5000)`,
    `repeat('infratraq.actor', 100000)`,
  ),
  fc.string({ maxLength: 20 }).map((text) => pg.escapeLiteral(text.replaceAll('\0', ' '))),
);

/** What messages hold, as SQL. */
const contents = (sizes: readonly number[]): Arbitrary<string> =>
  fc.oneof(
    fc.json({ maxDepth: 3 }).map((text) => pg.escapeLiteral(text)),
    fc
      .record(
        { user_id: fc.jsonValue(), ip_address: fc.jsonValue(), reason: fc.string() },
        { requiredKeys: [] },
      )
      .map((fields) => pg.escapeLiteral(JSON.stringify(fields))),
    fc
      .constantFrom(...sizes)
      .chain((size) =>
        fc.constantFrom(
          `repeat('x', ${size})`,
          `'{"user_id":"' || repeat('u', ${size}) || '"}'`,
          `'{"secret":"","user":"' || repeat('u', ${size}) || '"}'`,
          `repeat('[', ${size})`,
          `'{"user_id":"u","reason":' || repeat('[', ${size}) || repeat(']', ${size}) || '}'`,
          `convert_to(repeat('y', ${size}), 'UTF8')`,
        ),
      ),
  );

/** Any odd step; what can be large is of one of the sizes. */
export function anyOddStep(sizes: readonly number[]): Arbitrary<OddStep> {
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('value' as const),
        odd: anyOddValue(sizes),
        table: names,
        column: names,
        identity: identities,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('message' as const),
        transactional: fc.boolean(),
        prefix: prefixes,
        content: contents(sizes),
      }),
    },
  );
}
