import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { readEnvironment } from '@infratraq/environment';
import { SignJWT } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { startServer, type RunningServer } from '../index.js';
import { createLogger } from '../platform/create-logger.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { signToken, testSecret } from '../testing/sign-token.js';

describe('the sessions of a user', () => {
  let server: TestServer;
  let another: RunningServer;
  let folder: string;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    const settings = { AUTH_FAILURES_PER_MINUTE: '3', TRUST_PROXY: '1' };
    server = await openTestServer(settings);
    folder = await mkdtemp(join(tmpdir(), 'infratraq-another-'));
    const environment = readEnvironment({
      ...settings,
      PORT: '0',
      AUTH_SECRET: testSecret,
      MONGODB_URI: server.mongodbUri,
      POSTGRES_URL: server.postgresUrl,
      DATA_DIR: folder,
    });
    another = await startServer(environment, createLogger('silent'));
  }, 60_000);
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(async () => {
    await another.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  const get = (url: string, token: string, headers = {}) =>
    fetch(new URL('/api/v1/preferences', url), { headers: { authorization: `Bearer ${token}`, ...headers } });
  const connect = async (url: string, namespace: string, token: string): Promise<Socket> => {
    const socket = io(`${url}${namespace}`, {
      auth: { token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return socket;
  };
  const refusalOf = (url: string, namespace: string, token: string) =>
    connect(url, namespace, token).then(
      () => undefined,
      ({ data }: { data?: { code: string } }) => data?.code,
    );
  const setStatus = (status: string) =>
    server.postgres.pool.query(`update infratraq.users set status = $1 where user_id = 'u-engineer-1'`, [
      status,
    ]);

  it('end on every process within a second of the suspension, and may begin again after it', async () => {
    const token = await signToken('u-engineer-1', ['member']);
    const other = await signToken('u-engineer-2', ['member']);
    const urls = [server.url, another.url];
    const opened = await Promise.all(
      urls.flatMap((url) => ['/chat', '/notifications'].map((name) => connect(url, name, token))),
    );
    const others = await Promise.all(urls.map((url) => connect(url, '/chat', other)));
    await setStatus('suspended');
    await eventually(
      () => opened.filter(({ connected }) => connected).length,
      (left) => left === 0,
      { withinMilliseconds: 1_000 },
    );
    for (const url of urls) {
      expect((await get(url, token)).status).toBe(401);
      expect((await get(url, other)).status).toBe(200);
      expect(await refusalOf(url, '/chat', token)).toBe('unauthenticated');
    }
    expect(others.every(({ connected }) => connected)).toBe(true);
    await setStatus('active');
    await eventually(
      async () => Promise.all(urls.map(async (url) => (await get(url, token)).status)),
      (statuses) => statuses.every((status) => status === 200),
      { withinMilliseconds: 1_000 },
    );
  });

  it('end when the token runs out', async () => {
    const seconds = Math.ceil(Date.now() / 1_000) + 1;
    const token = await new SignJWT({ roles: ['member'] })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('u-manager-1')
      .setExpirationTime(seconds)
      .sign(new TextEncoder().encode(testSecret));
    const socket = await connect(server.url, '/chat', token);
    const reason = await new Promise((resolve) => socket.once('disconnect', resolve));
    expect(reason).toBe('io server disconnect');
    expect(Math.abs(Date.now() - seconds * 1_000)).toBeLessThan(500);
    expect((await get(server.url, token)).status).toBe(401);
  });

  it('are not opened by an address that tries tokens, told apart behind a trusted proxy, by HTTP or sockets', async () => {
    const stranger = { 'x-forwarded-for': '203.0.113.7' };
    const statuses = [];
    for (let attempt = 0; attempt < 5; attempt += 1)
      statuses.push((await get(server.url, `forged-${attempt}`, stranger)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await get(server.url, 'forged', { 'x-forwarded-for': '203.0.113.8' })).status).toBe(401);
    const connectAs = (extraHeaders: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = io(`${server.url}/chat`, {
          auth: { token: 'forged' },
          transports: ['websocket'],
          forceNew: true,
          reconnection: false,
          extraHeaders,
        });
        sockets.push(socket);
        socket.once('connect_error', ({ data }: Error & { data?: { code: string } }) => resolve(data?.code));
      });
    expect(await connectAs(stranger)).toBe('auth.too-many-failures');
    expect(await connectAs({ 'x-forwarded-for': '203.0.113.9' })).toBe('unauthenticated');
  });

  it('do not begin in the root namespace', async () => {
    const token = await signToken('u-manager-1', ['admin']);
    expect(await refusalOf(server.url, '/', token)).toBe('namespace.unknown');
  });
});
