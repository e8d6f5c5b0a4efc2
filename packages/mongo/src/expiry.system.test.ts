import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { Collection, expiresAfter, growth } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';
import { applyIndexes } from './indexes/apply-indexes.js';
import { bindModels } from './bind-models.js';
import { connectMongo, type Mongo } from './connect.js';

@Collection<ShortNote>({
  name: 'short_note',
  purpose: 'Notes that live a second',
  time: 'written_at',
  retention: expiresAfter(1),
  archive: 'before-expiry',
  growth: growth('high', { documentBytes: 100, documentsPerDay: 10 }),
  traits: ['append-only'],
  indexes: [],
  shardKey: { _id: 1 },
})
class ShortNote {
  @prop({ type: Date, required: true })
  written_at!: Date;

  @prop({ type: String, required: true })
  text!: string;
}

let databases: TestDatabases;
let mongo: Mongo;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});

it('lets an archived document expire and keeps one that is not archived', async () => {
  await applyIndexes(mongo.connection, [ShortNote]);
  const model = bindModels(mongo.connection, [ShortNote]).of(ShortNote);
  const written_at = new Date(Date.now() - 60_000);
  await model.insertMany([
    { written_at, text: 'not archived' },
    { written_at, text: 'archived', archived_at: new Date() } as ShortNote,
  ]);
  const kept = () => model.distinct('text');
  await eventually(kept, (texts) => !texts.includes('archived'), { withinMilliseconds: 110_000 });
  expect(await kept()).toEqual(['not archived']);
}, 120_000);
