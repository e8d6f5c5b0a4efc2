import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectMongo, isPassingFault, isTransient, type Mongo } from './index.js';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

let databases: TestDatabases;
let wire: Server;
let mongo: Mongo;
let onData: (near: Socket) => void = () => undefined;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  const { hostname, port } = new URL(databases.mongodbUri.replace('mongodb:', 'http:'));
  wire = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.on('error', () => undefined).on('close', () => far.destroy());
    far.on('error', () => undefined).on('close', () => near.destroy());
    near.on('data', (bytes) => {
      far.write(bytes);
      if (bytes.includes('insert') && bytes.includes('parts')) onData(near);
    });
    far.pipe(near);
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const through = databases.mongodbUri.replace(
    `${hostname}:${port}`,
    `127.0.0.1:${(wire.address() as AddressInfo).port}`,
  );
  mongo = await connectMongo({ uri: `${through}${through.includes('?') ? '&' : '?'}retryWrites=false` });
});
afterAll(async () => {
  await mongo.close();
  wire.close();
  await databases.drop();
});

it('a connection that breaks in the middle of a bulk write is a passing fault', async () => {
  const parts = mongo.connection.db!.collection('parts');
  onData = (near) => near.resetAndDestroy();
  const error: unknown = await parts.insertMany([{ part: 'pump' }, { part: 'valve' }]).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  onData = () => undefined;
  const { name, code } = error as { name: string; code?: number };
  expect({ name, code }).toEqual({ name: 'MongoBulkWriteError', code: undefined });
  expect([isTransient(error), isPassingFault(error)]).toEqual([true, true]);
});

it('a document that is refused is none', async () => {
  const parts = mongo.connection.db!.collection<{ _id: number }>('others');
  await parts.insertOne({ _id: 1 });
  const error: unknown = await parts.insertMany([{ _id: 1 }]).catch((thrown: unknown) => thrown);
  expect([isTransient(error), isPassingFault(error)]).toEqual([false, false]);
});
