import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { mongo as driver } from 'mongoose';
import { connectMongo, type Mongo } from './connect.js';
import { averageSize, measureCollections } from './measure-collections.js';

const documents = Array.from({ length: 250 }, (_, place) => ({ _id: place, text: 'x'.repeat(place % 50) }));
const bytes = documents.reduce((sum, document) => sum + driver.BSON.calculateObjectSize(document), 0);

let databases: TestDatabases;
let mongo: Mongo;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  await mongo.connection.collection<{ _id: number }>('measured').insertMany(documents);
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});

it('measures what a collection holds, whether or not the engine reports sizes', async () => {
  const measured = await measureCollections(mongo.connection)('measured');
  expect(measured.documents).toBe(250);
  expect(measured.bytes).toBeGreaterThan(bytes * 0.9);
  expect(measured.bytes).toBeLessThan(bytes * 1.1);
});

it('estimates from the average size of documents', async () => {
  expect((await averageSize(mongo.connection, 'measured')) * 250).toBeCloseTo(bytes, 3);
});

it('answers nothing for a collection that is not there', async () => {
  expect(await measureCollections(mongo.connection)('absent')).toEqual({
    documents: 0,
    bytes: 0,
    isEstimated: false,
    countedAt: expect.any(Date),
  });
});
