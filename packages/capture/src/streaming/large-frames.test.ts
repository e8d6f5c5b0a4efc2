import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import { MessageDecoder } from '../pgoutput/decode-message.js';
import type { InsertMessage, LogicalMessage, UpdateMessage } from '../pgoutput/messages.js';
import { LargeFrames } from './large-frames.js';

const mebibyte = 1 << 20;
const walHeader = Buffer.concat([Buffer.from('w'), Buffer.alloc(24, 7)]);

function int(value: number, bytes: 2 | 4): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
}

/** A message of the wire protocol. */
const frame = (type: string, ...content: Buffer[]) => {
  const whole = Buffer.concat(content);
  return Buffer.concat([Buffer.from(type), int(whole.length + 4, 4), whole]);
};
const logicalMessage = (prefix: string, content: Buffer) =>
  frame(
    'd',
    walHeader,
    Buffer.from('M\x01', 'latin1'),
    Buffer.alloc(8),
    Buffer.from(`${prefix}\0`),
    int(content.length, 4),
    content,
  );
type Value = Buffer | null | undefined;
const tuple = (kind: string, values: Value[]) =>
  Buffer.concat([
    Buffer.from(kind),
    int(values.length, 2),
    ...values.flatMap((value) => {
      if (value === null) return [Buffer.from('n')];
      return value === undefined ? [Buffer.from('u')] : [Buffer.from('t'), int(value.length, 4), value];
    }),
  ]);
const insert = (values: Value[]) => frame('d', walHeader, Buffer.from('I'), int(5, 4), tuple('N', values));
const update = (before: Value[], after: Value[]) =>
  frame('d', walHeader, Buffer.from('U'), int(5, 4), tuple('O', before), tuple('N', after));

/** What comes out of the frames when they arrive in pieces of these sizes, again and again. */
function receive(bytes: Buffer, sizes: number[]) {
  const passed: Buffer[] = [];
  const delivered: Buffer[] = [];
  const frames = new LargeFrames({
    pass: (piece) => void passed.push(piece),
    deliver: (one) => void delivered.push(one),
    limitMessage: (prefix) => (prefix === 'ours' ? Infinity : 0),
  });
  for (let place = 0, turn = 0; place < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    frames.receive(bytes.subarray(place, place + size));
    place += size;
  }
  return { passed: Buffer.concat(passed), delivered };
}

const decode = <Message>(one: Buffer) => new MessageDecoder().decode(one, walHeader.length) as Message;
const textDigest = (text: Buffer) =>
  createHash('sha256')
    .update(mongo.BSON.serialize({ value: text.toString() }))
    .digest('hex');

const small = fc.uint8Array({ maxLength: 3_000 }).map((bytes) => frame('d', walHeader, Buffer.from(bytes)));
const other = fc.uint8Array({ maxLength: 50 }).map((bytes) => frame('S', Buffer.from(bytes)));
const large = fc
  .integer({ min: mebibyte, max: mebibyte + 3_000 })
  .map((length) => insert([Buffer.alloc(length, 'v')]));
const ours = fc.constant(logicalMessage('ours', Buffer.alloc(mebibyte + 1, 'o')));
const foreign = fc
  .tuple(fc.constantFrom('f', 'x'.repeat(2_000)), fc.integer({ min: mebibyte, max: 2 * mebibyte }))
  .map(([prefix, length]) => logicalMessage(prefix, Buffer.alloc(length, 'f')));
const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 }).map((all) => [
  ...all,
  // Else single bytes take minutes.
  65_536,
]);

it('passes every frame as it is, and drops the foreign messages among them, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(small, other, large, ours, foreign), { maxLength: 8 }),
      sizes,
      (all, cuts) => {
        const isForeign = (one: Buffer) => one.length > mebibyte && one[5 + 25] === 0x4d && one[40] !== 0x6f;
        const { passed, delivered } = receive(Buffer.concat(all), cuts);
        expect(passed.equals(Buffer.concat(all.filter((one) => !isForeign(one))))).toBe(true);
        const dropped = delivered.map((one) => decode<LogicalMessage>(one));
        expect(dropped.map(({ content }) => content.length)).toEqual(all.filter(isForeign).map(() => 0));
      },
    ),
    { numRuns: 25 },
  );
});

it('keeps of a row that no document could hold what there is room for, and digests of the rest', () => {
  const [first, second, third] = [20, 15, 14].map((size, index) =>
    Buffer.alloc(size * mebibyte, 'abc'[index]),
  ) as [Buffer, Buffer, Buffer];
  const values = [Buffer.from('1'), first, null, second, Buffer.from('last'), undefined, Buffer.alloc(0)];
  const { passed, delivered } = receive(
    Buffer.concat([insert(values), frame('S'), update([first], [second]), update([second], [third])]),
    [65_536],
  );
  const { newTuple } = decode<InsertMessage>(delivered[0]!);
  expect(newTuple.length).toBe(values.length);
  expect([0, 4, 6].map((index) => newTuple.readText(index))).toEqual(['1', 'last', '']);
  expect(newTuple.readText(1)).toBe(first.toString());
  expect([newTuple.isSent(2), newTuple.hasText(2), newTuple.isSent(5)]).toEqual([true, false, false]);
  expect(newTuple.omitted.get(3)).toEqual({
    omitted_bytes: second.length + 17,
    omitted_sha256: textDigest(second),
  });
  const { oldTuple, newTuple: after } = decode<UpdateMessage>(delivered[1]!);
  expect(oldTuple!.values.hasText(0)).toBe(true);
  expect(after.omitted.get(0)?.omitted_sha256).toBe(textDigest(second));
  expect(after.hasSame(0, oldTuple!.values)).toBe(false);
  expect(delivered).toHaveLength(2);
  expect(passed.length).toBe(5 + update([second], [third]).length);
});

it('tells a large value that has not changed from one that has, although only one was kept', () => {
  const value = Buffer.alloc(20 * mebibyte, 'a');
  const changed = Buffer.concat([value.subarray(1), Buffer.from('b')]);
  const { delivered } = receive(
    Buffer.concat([update([value], [value]), update([value], [changed])]),
    [99_999],
  );
  const same = delivered.map((one) => {
    const { oldTuple, newTuple } = decode<UpdateMessage>(one);
    return [newTuple.hasSame(0, oldTuple!.values), oldTuple!.values.hasSame(0, newTuple)];
  });
  expect(same).toEqual([
    [true, true],
    [false, false],
  ]);
});
