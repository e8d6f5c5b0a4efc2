import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import { openModels, planIndexes } from './index.js';
import { workCategory, WorkRecord } from './work-record.fixture.js';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
});
afterAll(() => databases.drop());

const work = { crew: 'north', number: 1, done_at: new Date(0) };

it('connects to a URI, builds the indexes of a category, and closes what it opened', async () => {
  const { models, close } = await openModels({ mongodbUri: databases.mongodbUri }, workCategory);
  expect((await planIndexes(models.connection, [WorkRecord])).actions).toEqual([]);
  await models.of(WorkRecord).create(work);
  await close();
  expect(models.connection.readyState).toBe(mongoose.ConnectionStates.disconnected);
});

it('works over a connection of the caller that is still being opened, and leaves it and its models alone', async () => {
  const connection: Connection = mongoose.createConnection(databases.mongodbUri);
  const theirs = connection.model('WorkRecord', new mongoose.Schema({ name: String }));
  const { models, close } = await openModels({ connection }, [WorkRecord]);
  const model = models.of(WorkRecord);
  await model.create({ ...work, number: 2 });
  // An operator from outside is compared as a value in ours, and still an operator in theirs.
  await expect(model.find({ number: { $gt: 0 } as never })).rejects.toThrow('Cast to Number');
  expect(await theirs.countDocuments({ _id: { $ne: new mongoose.Types.ObjectId() } })).toBe(0);
  expect(connection.model('WorkRecord')).toBe(theirs);
  await close();
  expect(connection.readyState).toBe(mongoose.ConnectionStates.connected);
  await connection.close();
});

it('takes models that are bound already as they are', async () => {
  const opened = await openModels({ mongodbUri: databases.mongodbUri }, [WorkRecord]);
  const again = await openModels({ models: opened.models }, workCategory);
  expect(again.models).toBe(opened.models);
  await again.close();
  expect(opened.models.connection.readyState).toBe(mongoose.ConnectionStates.connected);
  await opened.close();
});
