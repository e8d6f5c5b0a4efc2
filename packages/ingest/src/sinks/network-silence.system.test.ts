import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  eventually,
  createTestDatabases,
  startToxiproxy,
  type FaultyLink,
  type TestDatabases,
  type Toxic,
  type Toxiproxy,
} from '@infratraq/engines';
import { defineEvent } from '@infratraq/kernel';
import { bindModels, connectMongo, type Models, type Mongo } from '@infratraq/mongo';
import pg from 'pg';
import { z } from 'zod';
import { createEventRouter, createEventWriter, type EventWriter } from '../index.js';
import { SiteNote, SiteRecord } from '../testing/site-record.js';

const maxSilenceMilliseconds = 1_500;

const budgetApproved = defineEvent('budget.approved', {
  schema: z.strictObject({ number: z.number() }),
  traits: ['financial-data'],
  table: 'approvals',
  toRow: (data) => data,
});
const stores = ['site_record', 'site_note', 'table:approvals'];

let databases: TestDatabases;
let proxy: Toxiproxy;
let toMongodb: FaultyLink;
let toPostgres: FaultyLink;
let mongo: Mongo;
let models: Models;
let pool: pg.Pool;
let folder: string;
let writer: EventWriter;

beforeAll(async () => {
  databases = await createTestDatabases();
  proxy = await startToxiproxy();
  toMongodb = await proxy.link(Number(new URL(databases.mongodbUri).port));
  toPostgres = await proxy.link(Number(new URL(databases.postgresUrl).port));
  mongo = await connectMongo({ uri: through(toMongodb, databases.mongodbUri) });
  models = bindModels(mongo.connection, [SiteNote, SiteRecord]);
  pool = new pg.Pool({
    connectionString: through(toPostgres, databases.postgresUrl),
    connectionTimeoutMillis: maxSilenceMilliseconds,
  });
  await pool.query('create table approvals (id text primary key, number int not null)');
}, 180_000);
afterAll(async () => {
  await pool.end();
  await mongo.close();
  await proxy.stop();
  await databases.drop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-silence-'));
  await Promise.all([models.of(SiteNote).deleteMany({}), models.of(SiteRecord).deleteMany({})]);
  await pool.query('truncate approvals');
  writer = createEventWriter({ models, journalFolder: folder, batchSize: 100, maxSilenceMilliseconds });
});
afterEach(async () => {
  await writer.close({ deadlineMilliseconds: 0 });
  await rm(folder, { recursive: true, force: true });
});

function through({ port }: FaultyLink, address: string): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}

/** Records into every store until stopped; answers how many events each got. */
function startLoad(): () => Promise<number> {
  const router = createEventRouter({ events: [budgetApproved], writer, postgres: pool });
  let number = 0;
  let loading = true;
  const load = (async () => {
    while (loading) {
      for (let burst = 0; burst < 20; burst += 1) {
        number += 1;
        writer.record(SiteRecord, { number });
        writer.record(SiteNote, { number });
        router.emit('budget.approved', { number });
      }
      await delay(5);
    }
  })();
  return async () => {
    loading = false;
    await load;
    return number;
  };
}

/** Resolves when the event has come for every store, with what it said of each. */
function heard(name: 'writer:degraded' | 'writer:recovered'): Promise<object[]> {
  const told = new Map<string, object>();
  return new Promise((resolve) => {
    writer.events.on(name, function listen(of: { collection: string }) {
      told.set(of.collection, of);
      if (told.size < stores.length) return;
      writer.events.off(name, listen);
      resolve(stores.map((store) => told.get(store)!));
    });
  });
}

const silences: [what: string, stream: 'downstream' | 'upstream', toxic: Toxic][] = [
  ['answers are swallowed', 'downstream', { type: 'timeout', attributes: { timeout: 0 } }],
  ['answers get no bandwidth', 'downstream', { type: 'bandwidth', attributes: { rate: 0 } }],
  ['what is sent is swallowed', 'upstream', { type: 'timeout', attributes: { timeout: 0 } }],
  ['what is sent gets no bandwidth', 'upstream', { type: 'bandwidth', attributes: { rate: 0 } }],
];

it.each(silences)(
  'notices that a network under load is silent although nothing was closed, and loses and doubles nothing: %s',
  async (_what, stream, toxic) => {
    const stopLoad = startLoad();
    const written = (store: string) => writer.metrics().collections[store]?.written ?? 0;
    await eventually(
      () => stores.map(written),
      (counts) => counts.every((count) => count >= 200),
    );
    const degraded = heard('writer:degraded');
    const heals = await Promise.all([toMongodb, toPostgres].map((link) => link.poison(stream, toxic)));
    expect(await degraded).toMatchObject([
      { reason: 'database', error: { name: 'MongoOperationTimeoutError' } },
      { reason: 'database', error: { name: 'MongoOperationTimeoutError' } },
      { reason: 'database', error: { message: expect.stringContaining('timeout') } },
    ]);
    const recovered = heard('writer:recovered');
    await Promise.all(heals.map((heal) => heal()));
    await recovered;
    const recorded = await stopLoad();
    expect(await writer.flush()).toBe(true);
    const everyNumber = Array.from({ length: recorded }, (_, index) => index + 1);
    for (const target of [SiteRecord, SiteNote]) {
      const documents = await models.of(target).find({}, { number: 1 }).lean();
      expect(documents.map(({ number }) => number).sort((left, right) => left - right)).toEqual(everyNumber);
    }
    const { rows } = await pool.query<{ number: number }>('select number from approvals order by number');
    expect(rows.map(({ number }) => number)).toEqual(everyNumber);
    for (const store of stores)
      expect(writer.metrics().collections[store]).toMatchObject({
        written: recorded,
        rejected: 0,
        refused: 0,
        depth: 0,
      });
    expect(writer.metrics()).toMatchObject({ degraded: false });
  },
);

it.each(silences)(
  'ends a flush at its deadline while the network is silent, and keeps what is left: %s',
  async (_what, stream, toxic) => {
    writer.record(SiteNote, { number: 1 });
    expect(await writer.flush({ deadlineMilliseconds: 30_000 })).toBe(true);
    const heal = await toMongodb.poison(stream, toxic);
    writer.record(SiteNote, { number: 2 });
    expect(await writer.flush({ deadlineMilliseconds: 300 })).toBe(false);
    expect(writer.metrics().collections['site_note']).toMatchObject({ written: 1, depth: 1 });
    expect(await writer.close({ deadlineMilliseconds: 300 })).toEqual({ undelivered: 0, kept: 1 });
    await heal();
    writer = createEventWriter({ models, journalFolder: folder });
    expect(await writer.flush()).toBe(true);
    expect(
      (await models.of(SiteNote).find({}).sort({ number: 1 }).lean()).map(({ number }) => number),
    ).toEqual([1, 2]);
  },
);
