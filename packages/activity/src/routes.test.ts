import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventRecorder } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { listActivityOfUser } from './collections/user-activity-event.queries.js';
import { activityRoutes } from './routes.js';
import { UserActivityEvent } from './collections/user-activity-event.js';

const database = useModels(UserActivityEvent);
let recorded: Promise<unknown>[] = [];
let room = Number.POSITIVE_INFINITY;
// Writes at once, so that the test sees what the database makes of a record.
const events: EventRecorder = {
  record: (target, document) =>
    recorded.length < room && recorded.push(database.models.of(target).create(document as object)) > 0,
};
const app = Fastify();
const post = (payload: object, headers: Record<string, string> = { authorization: 'Bearer mia' }) =>
  app.inject({ method: 'POST', url: '/events', headers, payload });

beforeAll(async () => {
  await app.register(registerTransport, {
    authenticate: async (token) => ({ user_id: token, roles: ['member'], session_id: 'session-1' }),
  });
  await app.register(activityRoutes, { events });
});
beforeEach(async () => {
  await database.models.of(UserActivityEvent).deleteMany({});
  recorded = [];
  room = Number.POSITIVE_INFINITY;
});
afterAll(() => app.close());

const clicked = {
  event_type: 'button:clicked',
  event_id: 'e-1',
  module: 'contracts',
  page: { path: '/contracts/7', title: 'Contract 7' },
  element: { id: 'export' },
  entity_type: 'contracts',
  entity_id: '7',
  device: { kind: 'desktop', viewport_width: 1_440 },
  properties: { format: 'xlsx', columns: ['a', 'b'] },
};

describe('POST /events', () => {
  it('takes a batch, and keeps who did what, and when', async () => {
    const occurred_at = new Date(Date.now() - 60_000).toISOString();
    const answer = await post({ events: [clicked, { event_type: 'page:viewed', occurred_at }] });
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: 2 }]);
    await Promise.all(recorded);
    const [first, second] = await database.models.find(listActivityOfUser, { user_id: 'mia' });
    const { event_id, ...kept } = clicked;
    expect(event_id).toBe('e-1');
    expect(first).toMatchObject({
      ...kept,
      session_id: 'session-1',
      ip_address: '127.0.0.1',
      cause_id: answer.headers['x-cause-id'],
    });
    expect(second).toMatchObject({ event_type: 'page:viewed', occurred_at: new Date(occurred_at) });
  });

  it('keeps an event that is sent again once, for each user', async () => {
    await post({ events: [clicked] });
    await post({ events: [clicked] });
    await post({ events: [clicked] }, { authorization: 'Bearer ben' });
    const outcomes = await Promise.allSettled(recorded);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 11_000 }) },
    ]);
    expect(await database.models.of(UserActivityEvent).countDocuments()).toBe(2);
  });

  it('takes 500 events and no more', async () => {
    const batch = (count: number) => ({
      events: Array.from({ length: count }, () => ({ event_type: 'page:viewed' })),
    });
    expect((await post(batch(501))).statusCode).toBe(400);
    expect(recorded).toHaveLength(0);
    expect((await post(batch(500))).json()).toEqual({ accepted: 500 });
    await Promise.all(recorded);
    expect(await database.models.of(UserActivityEvent).countDocuments()).toBe(500);
  });

  it('says how many it took where it has no room for all, and refuses where it has none', async () => {
    const batch = { events: ['a', 'b', 'c'].map((module) => ({ event_type: 'page:viewed', module })) };
    room = 2;
    const some = await post(batch);
    expect([some.statusCode, some.json()]).toEqual([202, { accepted: 2 }]);
    await Promise.all(recorded);
    expect(await database.models.of(UserActivityEvent).distinct('module')).toEqual(['a', 'b']);
    const none = await post(batch);
    expect([none.statusCode, none.headers['retry-after'], none.json().code]).toEqual([
      503,
      '5',
      'events.no-room',
    ]);
    expect(recorded).toHaveLength(2);
  });

  it.each([
    ['no event', {}],
    ['a type that is none', { event_type: 'Page Viewed' }],
    ['an operator for a type', { event_type: { $gt: '' } }],
    ['an unknown field', { event_type: 'page:viewed', user_id: 'ben' }],
    ['an operator among the properties', { event_type: 'page:viewed', properties: { a: { $gt: '' } } }],
    ['properties that are too large', { event_type: 'page:viewed', properties: { a: 'x'.repeat(9_000) } }],
    ['a path with its query', { event_type: 'page:viewed', page: { path: '/a?token=b' } }],
    ['an entity without its id', { event_type: 'page:viewed', entity_type: 'projects' }],
    ['a time long past', { event_type: 'page:viewed', occurred_at: '2001-01-01T00:00:00Z' }],
    ['a time to come', { event_type: 'page:viewed', occurred_at: '2999-01-01T00:00:00Z' }],
  ])('refuses the whole batch for %s, and says where', async (_what, event) => {
    const answer = await post({ events: [{ event_type: 'page:viewed' }, event] });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors[0].path).toMatch(/^\/events\/1/);
    expect(recorded).toHaveLength(0);
  });

  it('takes nothing from nobody', async () => {
    expect((await post({ events: [clicked] }, {})).statusCode).toBe(401);
    expect(recorded).toHaveLength(0);
  });
});
