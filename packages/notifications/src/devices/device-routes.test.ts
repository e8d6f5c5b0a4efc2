import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { createECDH, randomBytes } from 'node:crypto';
import { createDeviceRepository } from '../postgres/device-repository.js';
import { notificationMigrations } from '../postgres/migrations/index.js';
import { deviceRoutes } from './device-routes.js';

const subscribe = (endpoint = 'https://updates.push.services.mozilla.com/wpush/v2/abc') => {
  const p256dh = createECDH('prime256v1').generateKeys().toString('base64url');
  return {
    platform: 'web',
    subscription: {
      endpoint,
      expirationTime: null,
      keys: { p256dh, auth: randomBytes(16).toString('base64url') },
    },
  };
};

describe('devices', () => {
  let databases: Awaited<ReturnType<typeof createTestDatabases>>;
  let postgres: Postgres;
  const app = Fastify();
  beforeAll(async () => {
    databases = await createTestDatabases({ postgres: true });
    ({ postgres } = await openPostgres(databases, [notificationMigrations]));
    await postgres.pool.query(`insert into infratraq.users (user_id, display_name) values ('u-1', 'Ada')`);
    const authenticate = async (user_id: string) => ({ user_id, roles: ['member' as const] });
    await app.register(registerTransport, { authenticate });
    await app.register(deviceRoutes, {
      devices: createDeviceRepository(postgres),
      vapidPublicKey: 'the-public-key',
    });
  });
  afterAll(async () => {
    await app.close();
    await postgres.close();
    await databases.drop();
  });
  const call = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, user = 'u-1') => {
    const headers = { authorization: `Bearer ${user}` };
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };

  it('are registered, listed without what it takes to reach them, and removed', async () => {
    const browser = await call('POST', '/devices', subscribe());
    expect(browser).toMatchObject({ status: 201, body: { platform: 'web', status: 'active' } });
    const phone = await call('POST', '/devices', { platform: 'ios', token: 'a-token' });
    const { body } = await call('GET', '/devices');
    expect(body.items).toEqual([phone.body, browser.body]);
    expect(JSON.stringify(body)).not.toMatch(/a-token|mozilla/);
    const path = `/devices/${browser.body.device_id}`;
    expect((await call('DELETE', path, undefined, 'u-2')).body.code).toBe('device.unknown');
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', '/devices')).body.items).toEqual([phone.body]);
  });

  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/push',
    'https://fcm.googleapis.com.example.org/fcm/send/1',
    'https://push.apple.com.example.org/1',
    'https://evilpush.apple.com.example/1',
    'https://user@example.org/fcm.googleapis.com',
  ])('that would have us call %s are refused', async (endpoint) => {
    expect(await call('POST', '/devices', subscribe(endpoint))).toMatchObject({
      status: 400,
      body: { code: 'device.push-service' },
    });
  });

  it('with keys that no browser makes, or of users whom nobody knows, are refused', async () => {
    const { subscription } = subscribe();
    const keys = { p256dh: 'AAAA', auth: 'AAAA' };
    const broken = { platform: 'web', subscription: { ...subscription, keys } };
    expect((await call('POST', '/devices', broken)).body.code).toBe('device.subscription');
    expect((await call('POST', '/devices', subscribe('http://fcm.googleapis.com/1'))).body.code).toBe(
      'input.invalid',
    );
    expect((await call('POST', '/devices', subscribe(), 'stranger')).body.code).toBe('device.user-unknown');
  });

  it('subscribe with the key of this server', async () => {
    expect(await call('GET', '/devices/vapid-key')).toEqual({
      status: 200,
      body: { public_key: 'the-public-key' },
    });
  });
});
