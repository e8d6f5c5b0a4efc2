import { beforeEach, expect, it } from '@jest/globals';
import type { InfratraqError } from '@infratraq/kernel';
import type { Change } from '../encoding/change.js';
import { ChangeBuffer } from '../encoding/change-buffer.js';
import { ChangeReader } from '../reading/change-reader.js';
import { describeIfPossible } from '../reading/table-catalog.js';
import { ToldShapes } from '../reading/told-shapes.js';
import { readInto } from './read-into.js';

const secret = 'a-secret';
const tableOid = 7;

let told: string[];
let awaited: number[];
let catalog: () => Promise<{ rows: unknown[]; rowCount: number }>;
let changes: ChangeBuffer;
let read: (message: Buffer) => Promise<void> | undefined;

beforeEach(() => {
  told = [];
  awaited = [];
  catalog = () => Promise.resolve({ rows: [{ columns: ['id'] }], rowCount: 0 });
  changes = new ChangeBuffer(1_000);
  const tell = ({ code }: InfratraqError) => void told.push(code);
  const client = { query: () => catalog() } as never;
  const reader = new ChangeReader({
    source: 'test',
    publication: 'changes',
    messageSecret: secret,
    describeTable: (table, transactionId) => describeIfPossible(client, table, transactionId, tell),
    waitUntilVisible: async (transaction) => void awaited.push(transaction),
    shapes: new ToldShapes([], () => Promise.resolve()),
    changes,
    tell,
  });
  const batches = { advance: () => undefined, flush: () => undefined, room: () => Promise.resolve() };
  const { readMessage } = readInto(reader, { ...batches, isFull: false });
  read = (message) => readMessage(message, 0);
});

const text = (value: string) => Buffer.from(`${value}\0`);
const int = (value: number, bytes: 2 | 4 | 8) => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value));
  else buffer.writeIntBE(value, 0, bytes);
  return buffer;
};
const message = (tag: string, ...parts: Buffer[]) => Buffer.concat([Buffer.from(tag), ...parts]);
const begin = message('B', int(16, 8), int(0, 8), int(3, 4));
const commit = message('C', Buffer.alloc(1), int(16, 8), int(32, 8), int(0, 8));
const column = Buffer.concat([Buffer.of(1), text('id'), int(25, 4), int(-1, 4)]);
const relation = message(
  'R',
  int(tableOid, 4),
  text('public'),
  text('t'),
  Buffer.from('f'),
  int(1, 2),
  column,
);
const value = (id: string) => Buffer.concat([Buffer.from('t'), int(id.length, 4), Buffer.from(id)]);
const insert = (id: string, oid = tableOid) =>
  message('I', int(oid, 4), Buffer.from('N'), int(1, 2), value(id));
const own = (prefix: string, content: string) =>
  message('M', Buffer.of(1), int(0, 8), text(prefix), int(content.length, 4), Buffer.from(content));

async function readAll(...messages: Buffer[]): Promise<string[]> {
  for (const one of messages) await read(one);
  return changes
    .take()
    .batch.readAll()
    .map(({ operation, entity_type, entity_id, position }: Change) =>
      [position, operation, entity_type, entity_id].join(' '),
    );
}

it.each([
  ['ends too early', insert('2').subarray(0, -1), 'GAP t *'],
  [
    'has a kind of value that was not asked for',
    Buffer.from(insert('2').toString('latin1').replace('t', 'b'), 'latin1'),
    'GAP t *',
  ],
  ['is of a table that was not described', insert('2', 99), 'GAP * *'],
  ['is of a kind that nobody knows', message('Q', int(1, 4)), 'GAP * *'],
  ['is a broken message of its own', own('infratraq.table', `{"secret":"${secret}"`), 'GAP * *'],
  [
    'is a message of its own that says nothing',
    own('infratraq.snapshot', `{"secret":"${secret}"}`),
    'GAP * *',
  ],
])('puts a gap in the place of a change that %s, and goes on', async (_, odd, gap) => {
  expect(await readAll(begin, relation, insert('1'), odd, insert('3'), commit)).toEqual([
    '0 INSERT t 1',
    `1 ${gap}`,
    '2 INSERT t 3',
  ]);
  expect(told).toEqual(['capture.change-unreadable']);
});

it('ends with an error where a transaction itself can not be read', async () => {
  await readAll(begin, relation, commit);
  expect(() => read(begin.subarray(0, 5))).toThrow('ends too early');
  expect(() => read(insert('1').subarray(0, -1))).toThrow('longer than the message');
});

it('goes on with a table that the catalog refuses to describe, and waits for a server that is away', async () => {
  const refusal = Object.assign(new Error('permission denied'), { severity: 'ERROR', code: '42501' });
  catalog = () => Promise.reject(refusal);
  const [change] = await readAll(begin, relation, insert('1'), commit);
  expect(change).toMatch(/^0 INSERT t row:/);
  expect(told).toEqual(['capture.table-undescribed']);
  for (const away of [
    new Error('Connection terminated'),
    Object.assign(new Error('cancelled'), { severity: 'ERROR', code: '57014' }),
  ]) {
    catalog = () => Promise.reject(away);
    await read(begin);
    await expect(read(relation)).rejects.toBe(away);
  }
});

it('waits, where names change, until others see what the transaction did', async () => {
  await readAll(begin, relation, insert('1'), commit);
  expect(awaited).toEqual([]);
  const renamed = {
    secret,
    operation: 'RENAME',
    schema: 'public',
    table: 't',
    to: { schema: 'public', table: 'u' },
  };
  await readAll(begin, own('infratraq.table', JSON.stringify(renamed)), insert('2'), commit);
  expect(awaited).toEqual([3]);
});
