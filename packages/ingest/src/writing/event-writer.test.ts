import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { runAsActor, type LifecycleState } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo, type Models, type Mongo } from '@infratraq/mongo';
import { createEventWriter, type EventWriter, type EventWriterOptions } from '../index.js';
import { SiteEvent } from '../testing/site-event.js';

let databases: TestDatabases;
let mongo: Mongo;
let models: Models;
const writers: EventWriter[] = [];

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  models = bindModels(mongo.connection, [SiteEvent]);
  await applyIndexes(mongo.connection, [SiteEvent]);
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});
beforeEach(() => models.of(SiteEvent).deleteMany({}));
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close()));
});

function openWriter(options: Partial<EventWriterOptions> = {}): EventWriter {
  const writer = createEventWriter({ models, ...options });
  writers.push(writer);
  return writer;
}
const stored = () => models.of(SiteEvent).find({}).sort({ number: 1 }).lean();

describe('the event writer', () => {
  it('writes what is recorded, in the background, with time and actor where the caller gave none', async () => {
    const writer = openWriter();
    const before = Date.now();
    runAsActor({ user_id: 'u-1', roles: ['member'], cause_id: 'cause-1' }, () => {
      writer.record(SiteEvent, { number: 1, site: 'bridge' });
      writer.record(SiteEvent, { number: 2, site: 'bridge', user_id: 'u-2', happened_at: new Date(5) });
    });
    expect(writer.metrics()).toMatchObject({ depth: 2, degraded: false });
    await writer.flush();
    const [first, second] = await stored();
    expect(first).toMatchObject({ number: 1, user_id: 'u-1', cause_id: 'cause-1' });
    expect(first?.happened_at.getTime()).toBeGreaterThanOrEqual(before);
    expect(second).toMatchObject({ user_id: 'u-2', cause_id: 'cause-1', happened_at: new Date(5) });
    expect(writer.metrics()).toMatchObject({
      depth: 0,
      bytes: 0,
      collections: { site_event: { written: 2 } },
    });
  });

  it('stores the event as it was when it was recorded', async () => {
    const writer = openWriter();
    const event = { number: 1, site: 'bridge', details: { lanes: [1, 2] } };
    writer.record(SiteEvent, event);
    event.details.lanes.push(3);
    await writer.flush();
    expect((await stored())[0]?.details).toEqual({ lanes: [1, 2] });
  });

  it('writes many events in few batches, and in their order when told to keep one batch under way', async () => {
    const writer = openWriter({ batchSize: 500, batchesInFlight: 1 });
    for (let number = 0; number < 2_000; number += 1) writer.record(SiteEvent, { number, site: 'bridge' });
    await writer.flush();
    const natural = await models
      .of(SiteEvent)
      .find({})
      .sort({ $natural: 1 } as never)
      .lean();
    expect(natural.map(({ number }) => number)).toEqual(Array.from({ length: 2_000 }, (_, number) => number));
    expect(writer.metrics().collections['site_event']).toMatchObject({
      written: 2_000,
      batches: 4,
      retries: 0,
    });
  });

  it.each([
    ['a missing field', { number: 1 }, /site/],
    ['a wrong type', { number: 'one', site: 'bridge' }, /number/],
    ['an operator object', { number: 1, site: { $gt: '' } }, /site/],
    ['an unknown field', { number: 1, site: 'bridge', colour: 'red' }, /colour/],
    [
      'a document larger than MongoDB holds',
      { number: 1, site: 'bridge', details: { text: 'x'.repeat(2 ** 24) } },
      /16777216/,
    ],
  ])('rejects %s with its reason, and never throws', async (_what, event, reason) => {
    const writer = openWriter();
    const rejected = once(writer.events, 'event:rejected');
    writer.record(SiteEvent, event as Partial<SiteEvent>);
    expect((await rejected)[0]).toMatchObject({
      collection: 'site_event',
      reason: expect.stringMatching(reason),
    });
    await writer.flush();
    expect(await stored()).toEqual([]);
    expect(writer.metrics().collections['site_event']).toMatchObject({ rejected: 1, written: 0 });
  });

  it('takes a double of a business key out of its batch and writes the rest', async () => {
    const writer = openWriter();
    const rejected = once(writer.events, 'event:rejected');
    for (const number of [1, 2, 2, 3]) writer.record(SiteEvent, { number, site: 'bridge' });
    await writer.flush();
    expect((await rejected)[0]).toMatchObject({
      document: { number: 2 },
      reason: expect.stringMatching(/E11000|dup/i),
    });
    expect((await stored()).map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(writer.metrics().collections['site_event']).toMatchObject({ written: 3, rejected: 1 });
  });

  it('rejects a document nested deeper than MongoDB holds', async () => {
    const writer = openWriter();
    const rejected = once(writer.events, 'event:rejected');
    let details: Record<string, unknown> = { end: true };
    for (let depth = 0; depth < 120; depth += 1) details = { deeper: details };
    writer.record(SiteEvent, { number: 1, site: 'bridge', details });
    expect((await rejected)[0]).toMatchObject({ reason: expect.stringContaining('nested') });
  });

  it('finds the event for which a whole batch cannot be sent, and writes the others', async () => {
    const writer = openWriter();
    const rejected = once(writer.events, 'event:rejected');
    for (const number of [1, 2, 3, 4, 5])
      writer.record(SiteEvent, {
        number,
        site: 'bridge',
        ...(number === 4 && { details: { 'key\0with null': 1 } }),
      });
    await writer.flush();
    expect((await rejected)[0]).toMatchObject({ document: { number: 4 } });
    expect((await stored()).map(({ number }) => number)).toEqual([1, 2, 3, 5]);
    expect(writer.metrics().collections['site_event']).toMatchObject({ written: 4, rejected: 1, retries: 0 });
  });

  it('takes an event whose _id is stored already as written', async () => {
    const writer = openWriter();
    const [{ _id } = { _id: undefined }] = await models
      .of(SiteEvent)
      .insertMany([{ number: 1, site: 'bridge', happened_at: new Date() }]);
    writer.record(SiteEvent, { _id, number: 1, site: 'bridge' } as Partial<SiteEvent>);
    await writer.flush();
    expect(writer.metrics().collections['site_event']).toMatchObject({ written: 1, rejected: 0 });
    expect(await stored()).toHaveLength(1);
  });

  it('holds no more than its byte budget, refuses and counts what comes beyond, and recovers', async () => {
    const writer = openWriter({ maximumBytes: 10_000 });
    const degraded = once(writer.events, 'writer:degraded');
    const recovered = once(writer.events, 'writer:recovered');
    for (let number = 0; number < 500; number += 1) writer.record(SiteEvent, { number, site: 'bridge' });
    expect(writer.metrics().bytes).toBeLessThanOrEqual(10_000);
    expect((await degraded)[0]).toMatchObject({ collection: 'site_event', reason: 'full' });
    await writer.flush();
    await recovered;
    const { written, refused } = writer.metrics().collections['site_event'] ?? { written: 0, refused: 0 };
    expect(written + refused).toBe(500);
    expect(refused).toBeGreaterThan(0);
    expect(await stored()).toHaveLength(written);
  });

  it('keeps the events of a collection in maintenance until it is active again', async () => {
    let state: LifecycleState = 'maintenance';
    const writer = openWriter({ states: { stateOf: () => state }, lingerMilliseconds: 1 });
    writer.record(SiteEvent, { number: 1, site: 'bridge' });
    const closing = writer.flush();
    expect(await stored()).toEqual([]);
    expect(writer.metrics().depth).toBe(1);
    state = 'active';
    await closing;
    expect(await stored()).toHaveLength(1);
  });

  it('rejects the events of a collection that is archived', async () => {
    const writer = openWriter({ states: { stateOf: () => 'archived' } });
    const rejected = once(writer.events, 'event:rejected');
    writer.record(SiteEvent, { number: 1, site: 'bridge' });
    expect((await rejected)[0]).toMatchObject({ reason: expect.stringContaining('archived') });
    expect(await stored()).toEqual([]);
  });

  it('drains when it is closed, takes nothing after, and tells what it had to leave', async () => {
    const writer = openWriter();
    writer.record(SiteEvent, { number: 1, site: 'bridge' });
    expect(await writer.close()).toEqual({ undelivered: 0, kept: 0 });
    writer.record(SiteEvent, { number: 2, site: 'bridge' });
    expect(writer.metrics().collections['site_event']).toMatchObject({ written: 1, refused: 1 });
    expect(await stored()).toHaveLength(1);

    const waiting = openWriter({ states: { stateOf: () => 'maintenance' } });
    waiting.record(SiteEvent, { number: 3, site: 'bridge' });
    expect(await waiting.close({ deadlineMilliseconds: 50 })).toEqual({ undelivered: 1, kept: 0 });
  });
});
