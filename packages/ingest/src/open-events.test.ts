import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { bindModels, connectMongo } from '@infratraq/mongo';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEvents } from './index.js';
import { SiteNote, SiteRecord } from './testing/site-record.js';

let databases: TestDatabases;
let folder: string;
beforeEach(async () => {
  databases = await createTestDatabases({ postgres: false });
  folder = mkdtempSync(join(tmpdir(), 'infratraq-events-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await databases.drop();
});

it('stores events, reports those that are refused, and closes what it opened', async () => {
  const faults: [message: string, doing: string][] = [];
  const { events, models, close } = await openEvents({
    mongodbUri: databases.mongodbUri,
    collections: [SiteNote, SiteRecord],
    journalFolder: folder,
    onError: (error, doing) => void faults.push([(error as Error).message, doing]),
  });
  events.record(SiteRecord, { number: 1 });
  events.record(SiteRecord, { number: 'none' } as never);
  expect(await events.flush()).toBe(true);
  expect(await models.of(SiteRecord).countDocuments()).toBe(1);
  expect(faults).toEqual([[expect.any(String), 'recording an event in site_record']]);
  const { connection } = models;
  await close();
  expect(connection.readyState).toBe(0);
});

it('gives every writer below one journal folder its own, over models that stay open', async () => {
  const mongo = await connectMongo({ uri: databases.mongodbUri });
  const models = bindModels(mongo.connection, [SiteNote, SiteRecord]);
  const [one, other] = [
    await openEvents({ models, journalFolder: folder }),
    await openEvents({ models, journalFolder: folder }),
  ];
  expect(
    readdirSync(folder)
      .filter((name) => !name.includes('.'))
      .sort(),
  ).toEqual(['0', '1']);
  one.events.record(SiteNote, { number: 1 });
  other.events.record(SiteNote, { number: 2 });
  await Promise.all([one.close(), other.close()]);
  expect(await models.of(SiteNote).countDocuments()).toBe(2);
  await mongo.close();
});
