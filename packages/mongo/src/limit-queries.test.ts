import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { runAsActor } from '@infratraq/kernel';
import mongoose, { type Connection } from 'mongoose';
import { bindModels, type Models } from './bind-models.js';
import { assumeOrder } from './windows/reads-in-order.js';
import { WorkRecord } from './work-record.fixture.js';

let databases: TestDatabases;
let connection: Connection;
let models: Models;
let limits: unknown[];

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  connection = await mongoose.createConnection(databases.mongodbUri, { monitorCommands: true }).asPromise();
  // As an engine of which it is known: others are given a page's query for some milliseconds first.
  assumeOrder(connection, true);
  models = bindModels(connection, [WorkRecord], { queryLimits: { askedMilliseconds: 4_000 } });
  connection.getClient().on('commandStarted', ({ commandName, command }) => {
    if (['find', 'aggregate', 'distinct', 'count'].includes(commandName)) limits.push(command.maxTimeMS);
  });
});
beforeEach(() => void (limits = []));
afterAll(async () => {
  await connection.close();
  await databases.drop();
});

async function askEverything(): Promise<void> {
  await models.of(WorkRecord).find({ crew: 'north' });
  await models.of(WorkRecord).findOne({ number: 1 });
  await models.of(WorkRecord).countDocuments();
  await models.of(WorkRecord).estimatedDocumentCount();
  await models.of(WorkRecord).distinct('crew');
  await models.of(WorkRecord).aggregate([{ $match: { number: 1 } }]);
  await models.of(WorkRecord).find().cursor().next();
}

it('limits every query that somebody waits for', async () => {
  await runAsActor({ user_id: 'ada', roles: ['member'] }, askEverything);
  expect(limits).toEqual(Array(7).fill(4_000));
});

it('gives work in the background longer, and keeps to a limit that a query states itself', async () => {
  await askEverything();
  await models.of(WorkRecord).find({}, null, { maxTimeMS: 77 });
  expect(limits).toEqual([...Array(7).fill(600_000), 77]);
});
