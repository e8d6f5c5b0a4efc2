import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { createConnection, type Connection } from 'mongoose';
import { ChangeRefusedError, SinkNotConnectedError } from './create-mongo-change-sink.js';
import { createMongoChangeSink, type Change } from '../index.js';
import { encodeChanges } from '../encoding/change-buffer.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let connection: Connection;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  connection = await createConnection(databases.mongodbUri).asPromise();
});
afterAll(async () => {
  await connection.close();
  await databases.drop();
});

function makeChange(position: number): Change {
  return {
    _id: `test:0000000000000001:${position.toString(16).padStart(8, '0')}`,
    entity_type: 'projects',
    entity_id: String(position),
    operation: 'INSERT',
    old_value: null,
    new_value: { project_id: position },
    changed_fields: ['project_id'],
    changed_by: 'u-1',
    changed_at: new Date(0),
    transaction_id: '1',
    lsn: '0/1',
    position,
    schema_name: 'public',
    table_name: 'projects',
    source: 'application',
  };
}

it('takes changes that it already has as written, and stores the others', async () => {
  const sink = createMongoChangeSink(connection);
  await sink.write(encodeChanges([makeChange(0), makeChange(1)]));
  await sink.write(encodeChanges([makeChange(0), makeChange(1), makeChange(2)]));
  expect(await connection.collection('entity_changelog').countDocuments()).toBe(3);
});

it('rejects what another unique index refuses: that change is not stored', async () => {
  await connection.collection('narrow').createIndex({ entity_type: 1 }, { unique: true });
  const sink = createMongoChangeSink(connection, { collectionName: 'narrow' });
  await sink.write(encodeChanges([makeChange(0)]));
  await expect(sink.write(encodeChanges([makeChange(0), makeChange(1)]))).rejects.toThrow(/duplicate key/i);
});

it('hands what the collection refuses to its keeper, and stores the others', async () => {
  await connection.collection('kept').createIndex({ entity_id: 1 }, { unique: true });
  const kept: string[] = [];
  const sink = createMongoChangeSink(connection, {
    collectionName: 'kept',
    onRejected: async ({ change, error }) => {
      expect(error).toBeInstanceOf(ChangeRefusedError);
      kept.push(change._id);
    },
  });
  const twin = { ...makeChange(1), entity_id: '0' };
  await sink.write(encodeChanges([makeChange(0), twin, makeChange(2)]));
  expect(kept).toEqual([twin._id]);
  expect(await connection.collection('kept').countDocuments()).toBe(2);
});

it('offers a refused change again when its keeper could not keep it', async () => {
  await connection.collection('unkept').createIndex({ entity_type: 1 }, { unique: true });
  const sink = createMongoChangeSink(connection, {
    collectionName: 'unkept',
    onRejected: () => Promise.reject(new Error('no place')),
  });
  await expect(sink.write(encodeChanges([makeChange(0), makeChange(1)]))).rejects.toThrow('no place');
});

it('stores a change that is too large for a document without its largest value, and says so', async () => {
  const large = {
    ...makeChange(1),
    operation: 'UPDATE' as const,
    old_value: { id: 1, note: 'short', scan: 'o'.repeat(9 << 20) },
    new_value: { id: 1, note: 'long', scan: 'n'.repeat(20 << 20) },
  };
  await createMongoChangeSink(connection, { collectionName: 'large' }).write(
    encodeChanges([makeChange(0), large]),
  );
  const stored = await connection.collection<Change>('large').findOne({ _id: large._id });
  const omitted = {
    omitted_bytes: expect.any(Number),
    omitted_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  };
  expect(stored).toMatchObject({
    omitted_fields: ['scan'],
    old_value: { id: 1, note: 'short', scan: omitted },
    new_value: { id: 1, note: 'long', scan: omitted },
  });
  expect(stored?.old_value?.['scan']).not.toEqual(stored?.new_value?.['scan']);
  expect(await connection.collection('large').countDocuments()).toBe(2);
});

it('tells large values apart however late they differ', async () => {
  const large = {
    ...makeChange(1),
    old_value: { scan: `${'n'.repeat(20 << 20)}o` },
    new_value: { scan: `${'n'.repeat(20 << 20)}n` },
  };
  await createMongoChangeSink(connection, { collectionName: 'alike' }).write(encodeChanges([large]));
  const stored = await connection.collection<Change>('alike').findOne({ _id: large._id });
  expect(stored?.old_value?.['scan']).not.toEqual(stored?.new_value?.['scan']);
});

it('rejects when the database is not connected', async () => {
  const unconnected = createConnection();
  await expect(
    createMongoChangeSink(unconnected).write(encodeChanges([makeChange(0)])),
  ).rejects.toBeInstanceOf(SinkNotConnectedError);
});
