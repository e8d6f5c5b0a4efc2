import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { publishToObjects, type Verification } from '@infratraq/audit';
import { openObjects } from '@infratraq/objects';
import { eventually } from '@infratraq/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openTestServer, type TestServer } from './testing/open-test-server.js';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-seals-'));
  const settings = { AUDIT_SEAL_INTERVAL_SECONDS: '1', AUDIT_SEALS_URL: pathToFileURL(folder).href };
  server = await openTestServer(settings);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

it('seals the audit trail by itself, publishes the seals, verifies and proves them for operators', async () => {
  const operator = await server.as('u-operator-1', 'operator');
  await server.postgres.pool.query(`update projects set name = 'Sealed' where project_id = 1`);
  const verify = async () => (await operator<Verification>('GET', '/audit/verify')).body;
  const verification = await eventually(verify, ({ changes, waiting }) => changes > 0 && waiting === 0);
  expect(verification.findings).toEqual([]);

  const { href } = pathToFileURL(folder);
  const objects = await openObjects(href);
  const seal = JSON.parse((await publishToObjects(objects, href).read(1)) ?? '');
  await objects.close();
  const { body } = await operator('GET', `/audit/changes/${encodeURIComponent(seal.first_id)}/proof`);
  expect(body).toMatchObject({ leaf_index: 0, seal: { sequence: 1, merkle_root: seal.merkle_root } });
});

it('keeps verifying and proving from those who have no such role', async () => {
  const member = await server.as('u-engineer-1', 'member');
  expect((await member('GET', '/audit/verify')).status).toBe(403);
  expect((await member('GET', '/audit/changes/any/proof')).status).toBe(403);
  const operator = await server.as('u-operator-1', 'operator');
  expect((await operator('GET', '/audit/changes/any/proof')).status).toBe(404);
  expect((await operator('GET', '/audit/verify?limit=1000')).status).toBe(400);
});
