import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { embeddedDatabases, openTestServer, type TestServer } from '../testing/open-test-server.js';

const ask = (url: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const sent = request(new URL('/api/v1/auth/dev-token', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
    sent.end(JSON.stringify({ user: 'mia', roles: ['admin'] }));
  });

describe('a token for development', () => {
  let server: TestServer;
  beforeAll(
    async () => void (server = await openTestServer({ ...embeddedDatabases, TRUST_PROXY: 'loopback' })),
    60_000,
  );
  afterAll(() => server.close());

  it.each([
    ['127.0.0.1 and a port', { host: '127.0.0.1:3000' }, 200],
    ['localhost', { host: 'localhost' }, 200],
    ['the IPv6 loopback', { host: '[::1]:3000' }, 200],
    ['a name that points here', { host: 'rebound.example:3000' }, 403],
    ['a name that begins like loopback', { host: '127.0.0.1.rebound.example' }, 403],
    ['a name that ends like loopback', { host: 'x.localhost.example' }, 403],
    ['a name that a proxy calls loopback', { host: 'infra.example', 'x-forwarded-host': 'localhost' }, 403],
    ['a request that a proxy passed on', { host: 'localhost', 'x-forwarded-for': '203.0.113.7' }, 403],
  ])('is made for %s: %s %i', async (_what, headers, status) => {
    expect(await ask(server.url, headers)).toBe(status);
  });
});

it('no token is made for development beside databases that others may use', async () => {
  const server = await openTestServer({ AUTH_SECRET: '' });
  try {
    expect(await ask(server.url, { host: 'localhost' })).toBe(404);
  } finally {
    await server.close();
  }
});
