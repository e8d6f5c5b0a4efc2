import { expect, it } from '@jest/globals';
import { PgoutputDecodeError } from '../errors.js';
import { decodeMessage } from './decode-message.js';
import { formatLsn, parseLsn } from './lsn.js';
import { unchangedToast } from './messages.js';

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

it('reads an update with the row before, nulls, empty texts and unchanged TOAST values', () => {
  expect(decodeMessage(update)).toEqual({
    tag: 'update',
    relationOid: 77,
    oldTuple: { kind: 'full', values: [Buffer.from('1'), null, Buffer.from('long')] },
    newTuple: [Buffer.from('2'), Buffer.from(''), unchangedToast],
  });
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
  expect(decodeMessage(relation)).toEqual({
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
    expect(() => decodeMessage(update.subarray(0, length))).toThrow(PgoutputDecodeError);
  }
  expect(() => decodeMessage(Buffer.from('?'))).toThrow(/"\?" is unknown/);
});

it('reads log positions as it writes them', () => {
  for (const lsn of ['0/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF', '1/1'])
    expect(formatLsn(parseLsn(lsn))).toBe(lsn);
  expect(parseLsn('1/0')).toBe(0x1_0000_0000n);
});
