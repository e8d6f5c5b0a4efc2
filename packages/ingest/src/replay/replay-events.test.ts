import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { applyIndexes, bindModels, connectMongo, type Models, type Mongo } from '@infratraq/mongo';
import { mongo as driver } from 'mongoose';
import { once } from 'node:events';
import {
  createEventReplay,
  createEventWriter,
  type EventReplay,
  type KeptEvent,
  type RejectedEvent,
} from '../index.js';
import { SiteEvent } from '../testing/site-event.js';

let databases: TestDatabases;
let mongo: Mongo;
let models: Models;
let replay: EventReplay;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  models = bindModels(mongo.connection, [SiteEvent]);
  await applyIndexes(mongo.connection, [SiteEvent]);
  replay = createEventReplay(models);
});
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});
beforeEach(() => models.of(SiteEvent).deleteMany({}));

/** Records an event that is refused, and answers what is kept of it. */
async function refuse(event: object): Promise<RejectedEvent> {
  const writer = createEventWriter({ models });
  const rejected = once(writer.events, 'event:rejected') as Promise<[RejectedEvent]>;
  writer.record(SiteEvent, event as never);
  const [kept] = await rejected;
  await writer.close();
  return kept;
}
const keep = (document: object): KeptEvent => ({
  document,
  id: new driver.ObjectId(),
  recordedAt: new Date(5),
  user_id: 'u-1',
  cause_id: 'cause-1',
});
const stored = () => models.of(SiteEvent).find({}).sort({ number: 1 }).lean();

it('stores an event that another one was in the way of, once however often it is replayed', async () => {
  await models.of(SiteEvent).create({ number: 1, site: 'bridge', happened_at: new Date() });
  const { document, isWhole, reason } = await refuse({ number: 1, site: 'tunnel' });
  expect(isWhole).toBe(true);
  // The index tells the key that it refused; a reason must not.
  expect(reason).toMatch(/E11000/);
  expect(reason).not.toMatch(/dup key/);
  const kept = keep(document);
  await expect(replay.store('site_event', kept)).rejects.toMatchObject({ code: 'event.refused' });
  await models.of(SiteEvent).deleteMany({});
  await replay.store('site_event', kept);
  await replay.store('site_event', kept);
  expect(await stored()).toMatchObject([{ ...document, site: 'tunnel' }]);
});

it('checks an event as recording does, and gives it its id, time and actor where it has none', async () => {
  const { document } = await refuse({ number: 'many', site: 'bridge' });
  const kept = keep(document);
  expect(() => replay.check('site_event', kept)).toThrow(expect.objectContaining({ code: 'event.invalid' }));
  await expect(replay.store('site_event', kept)).rejects.toMatchObject({ code: 'event.invalid' });
  // As it would be taken if the class allowed it by now.
  const allowed = { ...kept, document: { ...document, number: 7 } };
  expect(replay.check('site_event', allowed)).toMatchObject({ number: 7 });
  expect(await stored()).toEqual([]);
  await Promise.all([replay.store('site_event', allowed), replay.store('site_event', allowed)]);
  expect(await stored()).toEqual([
    {
      _id: kept.id,
      number: 7,
      site: 'bridge',
      happened_at: new Date(5),
      user_id: 'u-1',
      cause_id: 'cause-1',
    },
  ]);
});

it('keeps no secret of an event, be it of a class that declares none, and says when it is not whole', async () => {
  const refused = await refuse({
    number: 'none',
    site: 'token=abcdefgh',
    pasword: 'hunter2',
    details: { api_key: 'hunter2', note: 'as it was' },
  });
  expect(refused.isWhole).toBe(false);
  expect(JSON.stringify(refused.document)).not.toMatch(/hunter2|abcdefgh/);
  expect(refused.document).toMatchObject({ details: { note: 'as it was' } });
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  expect((await refuse({ number: 1, site: 'bridge', details: cyclic })).document).toMatchObject({
    details: '[redacted]',
  });
});

it('knows the collections of its models alone', () => {
  expect(() => replay.check('budget_approvals', keep({}))).toThrow(
    expect.objectContaining({ code: 'event.unknown-collection' }),
  );
});
