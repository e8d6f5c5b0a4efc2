import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Role } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { DeadLetterEvent } from '../collections/dead-letter-event.js';
import { exampleDocuments } from '../example-documents.js';
import { deadLetterRoutes } from '../routes.js';
import { DeadLetters } from './dead-letters.js';

const database = useModels(DeadLetterEvent);
const app = Fastify();
const ask = (method: 'GET' | 'POST', path: string, { role = 'operator', body = undefined as unknown } = {}) =>
  app.inject({
    method,
    url: `/dead-letters${path}`,
    headers: { authorization: `Bearer ${role}` },
    ...(body !== undefined && { payload: body as object }),
  });
const discard = (id: string, note = 'an old client') => ask('POST', `/${id}/discard`, { body: { note } });
const replay = (id: string) => ask('POST', `/${id}/replay`);

/** Keeps a letter, and gives back its id. */
async function keep(more: Partial<DeadLetterEvent>, hour = 0): Promise<string> {
  const { resolution: _settled, ...example } = exampleDocuments.DeadLetterEvent();
  const letter = { ...example, state: 'open', replayable: true, ...more } as const;
  const created_at = new Date(Date.UTC(2026, 0, 15, hour));
  const { _id } = await database.models.of(DeadLetterEvent).create({ ...letter, created_at });
  return String(_id);
}
const unknown = 'f'.repeat(24);

beforeAll(async () => {
  const deadLetters = new DeadLetters(database.models);
  await app.register(registerTransport, {
    authenticate: async (token) => ({ user_id: token, roles: [token as Role] }),
  });
  await app.register(deadLetterRoutes, {
    deadLetters,
    replays: {
      ingest: async ({ target, source_position = '' }, by) => {
        await deadLetters.settle({ target, source_position }, by);
        return 'replayed';
      },
      capture: async ({ target, source_position = '' }) => {
        await deadLetters.noteRefusal({ target, source_position }, { code: 'still', message: 'refused' });
        return 'refused';
      },
    },
  });
});
beforeEach(() => database.models.of(DeadLetterEvent).deleteMany({}));
afterAll(() => app.close());

describe('GET /dead-letters', () => {
  const entitiesFor = async (query: string) =>
    (await ask('GET', `?${query}`))
      .json<{ items: { entity_id: string }[] }>()
      .items.map((one) => one.entity_id);

  beforeEach(async () => {
    await keep({ entity_id: 'a' }, 1);
    await keep({ entity_id: 'b', origin: 'capture', target: 'consumer:search-index' }, 2);
    await keep({ entity_id: 'c', origin: 'capture', target: 'entity_changelog' }, 3);
    await keep({ entity_id: 'd', state: 'discarded' }, 4);
  });

  it.each([
    ['', ['a', 'b', 'c']],
    ['order=newest', ['c', 'b', 'a']],
    ['state=discarded', ['d']],
    ['origin=capture', ['b', 'c']],
    ['target=entity_changelog', ['c']],
    ['target=entity_changelog&origin=ingest', []],
  ])('lists the letters that match ?%s', async (query, ids) => expect(await entitiesFor(query)).toEqual(ids));

  it('continues with the cursor', async () => {
    const { next_cursor } = (await ask('GET', '?limit=2')).json<{ next_cursor: string }>();
    expect(await entitiesFor(`limit=2&cursor=${next_cursor}`)).toEqual(['c']);
  });

  it.each(['state=lost', 'origin=sap', 'target[$gt]=', 'order=random', 'cursor=x', 'limit=0'])(
    'refuses ?%s',
    async (query) => expect((await ask('GET', `?${query}`)).statusCode).toBe(400),
  );
});

it('shows one letter whole', async () => {
  const id = await keep({});
  expect((await ask('GET', `/${id}`)).json()).toMatchObject({
    id,
    created_at: '2026-01-15T00:00:00.000Z',
    reason: { code: 'event.invalid', fields: ['event_type'] },
    payload: { user_id: 'u-1', properties: { tab: 'costs' } },
    state: 'open',
  });
});

it('discards a letter once, and says who did, when and why', async () => {
  const id = await keep({});
  const first = (await discard(id)).json<{ state: string; resolution: object }>();
  expect(first).toMatchObject({
    state: 'discarded',
    resolution: { resolved_by: 'operator', note: 'an old client', resolved_at: expect.any(String) },
  });
  const again = await discard(id, 'another reason');
  expect(again.statusCode).toBe(200);
  expect(again.json()).toEqual(first);
  expect((await replay(id)).json()).toMatchObject({ status: 409, code: 'dead-letter.settled' });
});

it('replays a letter by its origin, and settles it for good', async () => {
  const id = await keep({});
  expect((await replay(id)).json()).toMatchObject({
    outcome: 'replayed',
    dead_letter: { id, state: 'replayed', resolution: { resolved_by: 'operator' } },
  });
  for (const answer of [await replay(id), await discard(id)])
    expect(answer.json()).toMatchObject({ status: 409, code: 'dead-letter.settled' });
});

it('leaves a letter open whose replay was refused again', async () => {
  const id = await keep({ origin: 'capture' });
  expect((await replay(id)).json()).toMatchObject({
    outcome: 'refused',
    dead_letter: { state: 'open', attempts: 2, reason: { code: 'still', message: 'refused' } },
  });
});

it('says why a letter cannot be replayed', async () => {
  const lacking = await keep({ replayable: false });
  expect((await replay(lacking)).json()).toMatchObject({ status: 409, code: 'dead-letter.not-replayable' });
  const webhook = await keep({ origin: 'webhook' });
  expect((await replay(webhook)).json()).toMatchObject({ status: 409, code: 'dead-letter.no-replay' });
});

describe('every route', () => {
  const routes = (id: string) =>
    [
      ['GET', `/${id}`],
      ['POST', `/${id}/discard`],
      ['POST', `/${id}/replay`],
    ] as const;
  const body = { note: 'an old client' };

  it('answers 404 for a letter that is not there, and 400 for what is no id', async () => {
    for (const [method, path] of routes(unknown)) {
      const sent = path.endsWith('discard') ? { body } : {};
      expect((await ask(method, path, sent)).json()).toMatchObject({ code: 'dead-letter.unknown' });
    }
    for (const [method, path] of routes('42'))
      expect((await ask(method, path, { body })).statusCode).toBe(400);
  });

  it('needs a note to discard', async () => {
    const id = await keep({});
    for (const wrong of [{}, { note: ' ' }, { note: 'fine', by: 'u-2' }])
      expect((await ask('POST', `/${id}/discard`, { body: wrong })).statusCode).toBe(400);
  });

  it('is for operators and administrators only', async () => {
    const id = await keep({});
    for (const [method, path] of [['GET', ''] as const, ...routes(id)]) {
      for (const role of ['member', 'auditor'])
        expect([path, (await ask(method, path, { role, body })).statusCode]).toEqual([path, 403]);
      expect((await app.inject({ method, url: `/dead-letters${path}` })).statusCode).toBe(401);
    }
    expect((await ask('GET', '', { role: 'admin' })).statusCode).toBe(200);
  });
});
