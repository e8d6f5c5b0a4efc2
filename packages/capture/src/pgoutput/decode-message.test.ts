import { expect, it } from '@jest/globals';
import { PgoutputDecodeError } from './decode-error.js';
import { MessageDecoder } from './decode-message.js';
import { formatLsn, parseLsn } from './lsn.js';
import type { UpdateMessage } from './messages.js';
import type { WireTuple } from './wire-tuple.js';

const int16 = (value: number) => [value >> 8, value & 255];
const int32 = (value: number) => [0, 0, ...int16(value)];
const text = (value: string) => [...Buffer.from(value), 0];
const valueOf = (value: string) => ['t'.charCodeAt(0), ...int32(value.length), ...Buffer.from(value)];
const code = (character: string) => character.charCodeAt(0);

const update = Buffer.from([
  code('U'),
  ...int32(77),
  code('O'),
  ...int16(3),
  ...valueOf('1'),
  code('n'),
  ...valueOf('long'),
  code('N'),
  ...int16(3),
  ...valueOf('2'),
  ...valueOf(''),
  code('u'),
]);

/** Each value's text, null, or undefined where it was left out. */
function describe(tuple: WireTuple) {
  return Array.from({ length: tuple.length }, (_, index) =>
    tuple.hasText(index) ? tuple.readText(index) : tuple.isSent(index) ? null : undefined,
  );
}

it('reads an update with the row before, nulls, empty texts and unchanged TOAST values', () => {
  const message = new MessageDecoder().decode(update) as UpdateMessage;
  expect(message).toMatchObject({ tag: 'update', relationOid: 77, oldTuple: { kind: 'full' } });
  expect(describe(message.oldTuple!.values)).toEqual(['1', null, 'long']);
  expect(describe(message.newTuple)).toEqual(['2', '', undefined]);
});

it('reads a relation with its columns', () => {
  const relation = Buffer.from([
    code('R'),
    ...int32(5),
    ...text(''),
    ...text('t'),
    code('f'),
    ...int16(1),
    1,
    ...text('naïve'),
    ...int32(25),
    ...int32(0),
  ]);
  expect(new MessageDecoder().decode(relation)).toEqual({
    tag: 'relation',
    oid: 5,
    schema: 'pg_catalog',
    table: 't',
    replicaIdentity: 'f',
    columns: [{ name: 'naïve', typeOid: 25, identity: true }],
  });
});

it('refuses every message that is cut off, and every unknown one', () => {
  for (let length = 0; length < update.length; length += 1) {
    expect(() => new MessageDecoder().decode(update.subarray(0, length))).toThrow(PgoutputDecodeError);
  }
  expect(() => new MessageDecoder().decode(Buffer.from('?'))).toThrow(/"\?" is unknown/);
});

it('reads log positions as it writes them', () => {
  for (const lsn of ['0/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF', '1/1'])
    expect(formatLsn(parseLsn(lsn))).toBe(lsn);
  expect(parseLsn('1/0')).toBe(0x1_0000_0000n);
});
