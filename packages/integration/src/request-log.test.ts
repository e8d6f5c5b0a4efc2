import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidInputError, type EventRecorder } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { defineRoutes, registerTransport, unknownRoutes } from '@infratraq/transport/fastify';
import Fastify, { type InjectOptions } from 'fastify';
import { ApiRequestLog } from './collections/api-request-log.js';
import { requestLog } from './request-log.js';

const database = useModels(ApiRequestLog);
let recorded: Promise<unknown>[] = [];
// Writes at once, so that the test sees what the database makes of a record.
const events: EventRecorder = {
  record: (target, document) => {
    recorded.push(database.models.of(target).create(document as object));
    announce?.(undefined);
    return true;
  },
};
let announce: ((value: unknown) => void) | undefined;
let client: ReturnType<typeof connect> | undefined;
const app = Fastify({ bodyLimit: 100_000 });
const headers = {
  authorization: 'Bearer member',
  cookie: 'sid=hunter2',
  'x-api-key': 'hunter2',
  'x-plain': 'kept',
};

const things = defineRoutes(async (routes) => {
  routes.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  const config = { logBodies: true };
  routes.get('/things/:id', { config }, async () => ({ id: 1, token: 'hunter2' }));
  routes.post('/letters', async () => ({ letter: 'dear hunter2' }));
  routes.get('/letters', async () => ({ letter: 'dear hunter2' }));
  routes.post('/things', { config }, async ({ body }) => ({ echo: body }));
  routes.get('/stream', (_request, reply) =>
    reply.type('application/json').send(Readable.from(['"hunter2"'])),
  );
  routes.get('/private', { config }, (_request, reply) =>
    reply.header('cache-control', 'private, no-store').send({ account: 'hunter2' }),
  );
  routes.post('/upload', async ({ body }) => {
    let size = 0;
    for await (const chunk of body as Readable) size += (chunk as Buffer).length;
    return { size };
  });
  routes.get('/fault', async () => {
    throw new InvalidInputError('No', { code: 'thing.refused' });
  });
  routes.get('/slow', async (request) => {
    const hungUp = once(request.raw.socket, 'close');
    client?.destroy();
    await hungUp;
    return 'too late';
  });
  routes.get('/health', async () => 'well');
});

beforeAll(async () => {
  await app.register(registerTransport, {
    authenticate: async (token) => ({ user_id: token, roles: ['member'], session_id: 'session-1' }),
  });
  await app.register(requestLog, { events, ignore: (request) => request.url === '/health' });
  await app.register(things);
  await app.register(unknownRoutes);
});
beforeEach(async () => {
  await database.models.of(ApiRequestLog).deleteMany({});
  recorded = [];
});
afterAll(() => app.close());

async function logOf(request: InjectOptions) {
  const answer = await app.inject({ headers, ...request });
  await Promise.all(recorded);
  const [log, ...others] = await database.models.of(ApiRequestLog).find().lean();
  expect(others).toEqual([]);
  expect(JSON.stringify(log)).not.toContain('hunter2');
  return { log: log as ApiRequestLog, answer };
}

describe('the request log', () => {
  it('tells who called what, how it ended and what it belongs to', async () => {
    const { log, answer } = await logOf({ url: '/things/7?detail=full&token=hunter2' });
    expect(log).toMatchObject({
      direction: 'inbound',
      method: 'GET',
      route: '/things/:id',
      path: '/things/7',
      query: 'detail=full&token=[redacted]',
      status: 200,
      status_class: 2,
      user_id: 'member',
      session_id: 'session-1',
      ip_address: '127.0.0.1',
      cause_id: answer.headers['x-cause-id'],
      response: { payload: '{"id":1,"token":"[redacted]"}', payload_truncated: false },
    });
    expect(answer.json()).toEqual({ id: 1, token: 'hunter2' });
  });

  it('keeps the names of secret headers and the values of plain ones', async () => {
    const { log } = await logOf({ url: '/things/7' });
    expect(log.request.headers).toEqual(
      expect.arrayContaining([
        { name: 'authorization', value: '[redacted]' },
        { name: 'cookie', value: '[redacted]' },
        { name: 'x-api-key', value: '[redacted]' },
        { name: 'x-plain', value: 'kept' },
      ]),
    );
  });

  it('keeps payloads without their secrets', async () => {
    const payload = { name: 'mia', nested: [{ password: 'hunter2' }], $where: 'a.b' };
    const { log } = await logOf({ method: 'POST', url: '/things', payload });
    expect(JSON.parse(log.request.payload ?? '')).toEqual({
      ...payload,
      nested: [{ password: '[redacted]' }],
    });
  });

  it('keeps the beginning of long payloads, and says so', async () => {
    const payload = { text: 'ü'.repeat(20_000), password: 'hunter2' };
    const { log } = await logOf({ method: 'POST', url: '/things', payload });
    for (const message of [log.request, log.response]) {
      expect(message).toMatchObject({ payload_truncated: true });
      expect(Buffer.byteLength(message?.payload ?? '')).toBeLessThanOrEqual(8_192);
      expect(message?.payload).not.toContain('\ufffd');
      expect(message?.payload_bytes).toBeGreaterThan(40_000);
    }
  });

  it('notes streams by their size where it is known, and leaves them to the handler', async () => {
    const upload = await logOf({
      method: 'POST',
      url: '/upload',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      payload: Buffer.from('hunter2'),
    });
    expect(upload.answer.json()).toEqual({ size: 7 });
    expect(upload.log.request).toMatchObject({ payload_bytes: 7, payload_truncated: false });
    expect(upload.log.request).not.toHaveProperty('payload');
  });

  it('keeps nothing of an answer that is not to be stored, but its size', async () => {
    const { log, answer } = await logOf({ url: '/private' });
    expect(answer.json()).toEqual({ account: 'hunter2' });
    expect(log.response).toMatchObject({ payload_bytes: answer.body.length });
    expect(JSON.stringify(log)).not.toContain('account');
  });

  it('keeps no body of a route that does not ask for it, but its size, also of an error', async () => {
    const { log } = await logOf({ method: 'POST', url: '/letters', payload: { body: 'hunter2' } });
    for (const message of [log.request, log.response]) {
      expect(message).not.toHaveProperty('payload');
      expect(message).toMatchObject({ payload_bytes: expect.any(Number), payload_truncated: false });
    }
  });

  it.each([
    ['a route that logs bodies', '/things'],
    ['a route that does not', '/letters'],
    ['a path without a route', '/nowhere'],
  ])('records a body of 50,000 nested arrays for %s', async (_what, url) => {
    const payload = `${'['.repeat(40_000)}1${']'.repeat(40_000)}`;
    const { log } = await logOf({
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': 'application/json' },
      payload,
    });
    expect(log).toMatchObject({ method: 'POST', request: { payload_bytes: payload.length } });
  });

  it('does not collect a response that is streamed', async () => {
    const { log, answer } = await logOf({ url: '/stream' });
    expect(answer.body).toBe('"hunter2"');
    expect(log.response).not.toHaveProperty('payload');
  });

  it.each([
    ['/fault', '/fault', 400, 'thing.refused'],
    ['/nowhere', 'unmatched', 404, 'route.unknown'],
  ])('tells the error of %s', async (url, route, status, error_code) => {
    expect((await logOf({ url })).log).toMatchObject({ route, status, error_code });
  });

  it('names nobody when nobody was authenticated', async () => {
    const { log } = await logOf({ url: '/things/7', headers: {} });
    expect(log).toMatchObject({ status: 401, error_code: 'unauthenticated' });
    expect(log).not.toHaveProperty('user_id');
  });

  it('records a body that is not JSON as a refused request', async () => {
    const { log } = await logOf({
      method: 'POST',
      url: '/things',
      headers: { ...headers, 'content-type': 'application/json' },
      payload: '{"password":"hunter2"',
    });
    expect(log).toMatchObject({ status: 400, error_code: 'request.body-not-json' });
  });

  it('records a caller who hung up as one who saw no status', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    const record = new Promise((resolve) => (announce = resolve));
    client.write('GET /slow HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer member\r\n\r\n');
    await record;
    await Promise.all(recorded);
    const log = await database.models.of(ApiRequestLog).findOne().lean();
    expect(log).toMatchObject({ route: '/slow', status: 0, error_code: 'response.aborted' });
  });

  it('leaves out what it is told to ignore', async () => {
    await app.inject({ url: '/health', headers });
    expect(recorded).toEqual([]);
  });
});
