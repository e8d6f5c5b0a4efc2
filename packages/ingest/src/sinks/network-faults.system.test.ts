import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  createTestDatabases,
  startToxiproxy,
  type FaultyLink,
  type TestDatabases,
  type Toxic,
  type Toxiproxy,
} from '@infratraq/engines';
import { bindModels, connectMongo } from '@infratraq/mongo';
import { createEventWriter } from '../index.js';
import { SiteRecord } from '../testing/site-record.js';

const rounds = 5;

let databases: TestDatabases;
let proxy: Toxiproxy;
let link: FaultyLink;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  proxy = await startToxiproxy();
  link = await proxy.link(Number(new URL(databases.mongodbUri).port));
}, 180_000);
afterAll(async () => {
  await proxy.stop();
  await databases.drop();
});

const poisons: [what: string, stream: 'downstream' | 'upstream', toxic: Toxic][] = [
  ['connections are reset', 'downstream', { type: 'reset_peer', attributes: { timeout: 20 } }],
  ['what is sent arrives cut off', 'upstream', { type: 'limit_data', attributes: { bytes: 20_000 } }],
  [
    'answers are swallowed, so that nobody knows what was written',
    'downstream',
    { type: 'timeout', attributes: { timeout: 50 } },
  ],
  ['answers come late', 'downstream', { type: 'latency', attributes: { latency: 100, jitter: 80 } }],
];

it.each([['the network is cut', undefined, undefined] as const, ...poisons])(
  'loses nothing and doubles nothing when %s',
  async (_what, stream, toxic) => {
    const folder = await mkdtemp(join(tmpdir(), 'infratraq-network-'));
    const uri = new URL(databases.mongodbUri);
    uri.port = String(link.port);
    uri.searchParams.set('serverSelectionTimeoutMS', '500');
    const mongo = await connectMongo({ uri: uri.href });
    const models = bindModels(mongo.connection, [SiteRecord]);
    await models.of(SiteRecord).deleteMany({});
    const writer = createEventWriter({ models, batchSize: 100, journalFolder: folder });
    let number = 0;
    let loading = true;
    const load = (async () => {
      while (loading) {
        for (let burst = 0; burst < 20; burst += 1) writer.record(SiteRecord, { number: (number += 1) });
        await delay(5);
      }
    })();
    try {
      for (let round = 0; round < rounds; round += 1) {
        const recovered = once(writer.events, 'writer:recovered');
        const degraded = once(writer.events, 'writer:degraded');
        const end = stream ? await link.poison(stream, toxic) : (await link.cut(), () => link.restore());
        if (toxic?.type === 'latency') await delay(300);
        else await degraded;
        await end();
        if (toxic?.type !== 'latency') await recovered;
      }
      loading = false;
      await load;
      await writer.flush();
      const documents = await models.of(SiteRecord).find({}, { number: 1 }).lean();
      const stored = new Set(documents.map((document) => document.number));
      expect({ stored: stored.size, doubled: documents.length - stored.size }).toEqual({
        stored: number,
        doubled: 0,
      });
      expect(writer.metrics().collections['site_record']).toMatchObject({
        written: number,
        rejected: 0,
        refused: 0,
      });
    } finally {
      loading = false;
      await writer.close({ deadlineMilliseconds: 0 });
      await mongo.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
