import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { startMongo } from '@infratraq/engines';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { createEventWriter } from './event-writer.js';
import { SiteEvent } from './site-event.fixture.js';

it('loses nothing and doubles nothing when the engine is killed and restarted under load', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-crash-'));
  let engine = await startMongo({ dataDirectory, durable: true });
  const { port } = engine;
  const mongo = await connectMongo({
    uri: `${engine.uri.replace('/?', '/crash?')}&serverSelectionTimeoutMS=500`,
  });
  const models = bindModels(mongo.connection, [SiteEvent]);
  await applyIndexes(mongo.connection, [SiteEvent]);
  const writer = createEventWriter({ models, batchSize: 200, lingerMilliseconds: 1 });
  const written = () => writer.metrics().collections['site_event']?.written ?? 0;
  try {
    let number = 0;
    let loading = true;
    const load = (async () => {
      while (loading) {
        for (let burst = 0; burst < 20; burst += 1)
          writer.record(SiteEvent, { number: (number += 1), site: 'bridge' });
        await delay(10);
      }
    })();
    for (let crash = 1; crash <= 2; crash += 1) {
      const goal = written() + 400;
      while (written() < goal) await delay(5);
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
    const numbers = await models.of(SiteEvent).find({}, { number: 1, _id: 0 }).sort({ number: 1 }).lean();
    expect(numbers.map((event) => event.number)).toEqual(
      Array.from({ length: number }, (_, place) => place + 1),
    );
    const { rejected, refused, retries } = writer.metrics().collections['site_event']!;
    expect({ written: written(), rejected, refused }).toEqual({ written: number, rejected: 0, refused: 0 });
    expect(retries).toBeGreaterThan(0);
  } finally {
    await writer.close({ deadlineMilliseconds: 0 });
    await mongo.close();
    await engine.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}, 120_000);
