import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

it('gives the people of an organisation what it has laid down, and nobody else', async () => {
  const admin = await server.as('u-admin-1', 'member', 'admin');
  const engineer = await server.as('u-engineer-1', 'member');
  const manager = await server.as('u-manager-1', 'member');
  const path = '/organisations/civil-works/preferences';
  const body = { version: 0, settings: { time_zone: 'Europe/Berlin' } };
  expect((await engineer('PUT', path, body)).status).toBe(403);
  expect((await admin('PUT', path, body)).body).toMatchObject({ version: 1, settings: body.settings });
  expect(await admin('PUT', path, body)).toMatchObject({ status: 409, body: { code: 'preferences.stale' } });

  expect((await engineer('GET', path)).body).toMatchObject({ version: 1, settings: body.settings });
  expect(await manager('GET', path)).toMatchObject({
    status: 403,
    body: { code: 'organisations.foreign' },
  });
  expect((await admin('GET', '/organisations/none/preferences')).status).toBe(404);

  const { body: explained } = await engineer<{ items: object[] }>('GET', '/preferences/explained');
  expect(explained.items).toContainEqual({
    setting: 'time_zone',
    value: 'Europe/Berlin',
    source: 'organisation',
    overridden: [{ source: 'product', value: 'UTC' }],
  });
  expect((await engineer('GET', '/preferences')).body).toMatchObject({
    settings: { time_zone: 'Europe/Berlin' },
    sources: { time_zone: 'organisation' },
  });
  expect((await manager('GET', '/preferences')).body).toMatchObject({ settings: { time_zone: 'UTC' } });
});
