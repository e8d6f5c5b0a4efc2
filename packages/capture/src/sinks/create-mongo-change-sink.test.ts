import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { createConnection, type Connection } from 'mongoose';
import { createMongoChangeSink, SinkNotConnectedError, type Change } from '../index.js';

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
  await sink.write([makeChange(0), makeChange(1)]);
  await sink.write([makeChange(0), makeChange(1), makeChange(2)]);
  expect(await connection.collection('entity_changelog').countDocuments()).toBe(3);
});

it('rejects what another unique index refuses: that change is not stored', async () => {
  await connection.collection('narrow').createIndex({ entity_type: 1 }, { unique: true });
  const sink = createMongoChangeSink(connection, 'narrow');
  await sink.write([makeChange(0)]);
  await expect(sink.write([makeChange(0), makeChange(1)])).rejects.toThrow(/duplicate key/i);
});

it('rejects when the database is not connected', async () => {
  const unconnected = createConnection();
  await expect(createMongoChangeSink(unconnected).write([makeChange(0)])).rejects.toBeInstanceOf(
    SinkNotConnectedError,
  );
});
