import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, startMongo } from '@infratraq/engines';
import { bindModels, connectMongo } from '@infratraq/mongo';
import { createEventWriter } from '../index.js';
import type { CollectionMetrics } from '../queue/metrics.js';
import { SiteNote, SiteRecord } from './site-record.js';

/** What became of what was recorded while the engine was killed again and again. */
export interface EngineToll {
  readonly recorded: number;
  readonly stored: number;
  readonly lost: number;
  readonly doubled: number;
  readonly metrics: CollectionMetrics;
}

/** Kills the engine (which syncs every commit) with SIGKILL under load and restarts it, so many times, and counts. */
export async function killEngines(
  target: typeof SiteRecord | typeof SiteNote,
  kills: number,
): Promise<EngineToll> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-crash-'));
  let engine = await startMongo({ dataDirectory, durable: true });
  const { port } = engine;
  const uri = `${engine.uri.replace('/infratraq?', '/crash?')}&serverSelectionTimeoutMS=500`;
  const mongo = await connectMongo({ uri });
  const models = bindModels(mongo.connection, [SiteNote, SiteRecord]);
  const writer = createEventWriter({ models, batchSize: 200, journalFolder: join(dataDirectory, 'journal') });
  const name = target === SiteNote ? 'site_note' : 'site_record';
  const metrics = () => writer.metrics().collections[name]!;
  let number = 0;
  let loading = true;
  const load = (async () => {
    while (loading) {
      for (let burst = 0; burst < 20; burst += 1) writer.record(target, { number: (number += 1) });
      await delay(10);
    }
  })();
  try {
    for (let crash = 1; crash <= kills; crash += 1) {
      const goal = metrics().written + 200 + Math.random() * 200;
      await eventually(
        () => metrics().written,
        (written) => written >= goal,
      );
      const degraded = once(writer.events, 'writer:degraded');
      await engine.kill();
      await degraded;
      const recovered = once(writer.events, 'writer:recovered');
      engine = await startMongo({ dataDirectory, port, durable: true });
      await recovered;
    }
    loading = false;
    await load;
    await writer.flush();
    const documents = await models.of(target).find({}, { number: 1 }).lean();
    const stored = new Set(documents.map((document) => document.number));
    return {
      recorded: number,
      stored: documents.length,
      lost: number - stored.size,
      doubled: documents.length - stored.size,
      metrics: metrics(),
    };
  } finally {
    loading = false;
    await writer.close({ deadlineMilliseconds: 0 });
    await mongo.close();
    await engine.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
