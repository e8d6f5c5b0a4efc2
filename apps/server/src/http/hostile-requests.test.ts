import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { limitSlowBodies } from './limit-slow-bodies.js';

/** Sends text as it is, and answers all that comes back until the connection is closed. */
async function converse(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('requests that the router does not get to see, or cannot read', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await openTestServer()));
  afterAll(() => server.close());

  it.each([
    [414, 'request.url', () => `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
    [431, 'request.headers-too-large', () => `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`],
    [400, 'request.unreadable', () => 'GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n'],
  ])('are answered with %i and a problem document', async (status, code, text) => {
    const [head = '', body = ''] = (await converse(server.url, text())).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });

  it('have every id that a schema admits, and are refused by the schema beyond', async () => {
    const member = await server.as('u-manager-1', 'member');
    for (const id of [
      'x'.repeat(500),
      encodeURIComponent('ß'.repeat(500)),
      encodeURIComponent('𐌰'.repeat(250)),
    ])
      expect((await member('GET', `/entities/projects/${id}/comments`)).status).not.toBe(414);
    expect(await member('GET', `/entities/projects/${'x'.repeat(501)}/comments`)).toMatchObject({
      status: 400,
      body: { code: 'input.invalid' },
    });
    expect(await member('GET', '/entities/projects/%E0%A4%A/comments')).toMatchObject({
      status: 400,
      type: expect.stringContaining('problem+json'),
      body: { code: 'request.url' },
    });
  });
});

describe('a callback whose sender shows no signature', () => {
  let server: TestServer;
  const settings = {
    INBOUND_MAIL_SECRET: 'a secret of the inbound mail hook',
    MAIL_HOOK_SECRET: 'a secret of the other hooks of mail',
    PUBLIC_URL: 'https://infra.example',
    TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000000',
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: '+15005550006',
  };
  beforeAll(async () => void (server = await openTestServer(settings)));
  afterAll(() => server.close());

  it.each([
    ['mail/inbound', 'message/rfc822', 401],
    ['mail/bounce', 'application/json', 403],
    ['mail/dsn', 'message/rfc822', 403],
    ['mail/feedback', 'message/rfc822', 403],
    ['twilio/status', 'application/x-www-form-urlencoded', 403],
  ])('is refused before its body has come: %s', async (hook, type, status) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `POST /api/v1/hooks/${hook} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 900\r\n\r\nhalf`,
    );
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(2_000) });
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  });
});

describe('a body', () => {
  let app: FastifyInstance;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    app = Fastify();
    await app.register(limitSlowBodies, { bytes: 1_000, windowMilliseconds: 200 });
    app.addContentTypeParser('text/slow', (_request, payload, done) => done(null, payload));
    app.post('/', async () => 'taken');
    app.post('/reads-late', async ({ body }) => {
      // Longer than the windows in which nothing moves.
      await delay(700);
      for await (const chunk of body as AsyncIterable<Buffer>) void chunk;
      return 'taken';
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await app.close();
  });

  const post = async (path: string, type: string, bytes: number): Promise<Socket> => {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${bytes}\r\n\r\n`,
    );
    return socket;
  };

  it('that comes drop by drop ends with its connection', async () => {
    const socket = await post('/', 'text/plain', 100_000);
    const closed = once(socket, 'close');
    const dripping = setInterval(() => socket.write('a'), 50);
    const begun = performance.now();
    await closed;
    clearInterval(dripping);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('that waits for this server to read it is not cut off', async () => {
    const socket = await post('/reads-late', 'text/slow', 3_000_000);
    socket.write(Buffer.alloc(3_000_000));
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /);
  });
});
