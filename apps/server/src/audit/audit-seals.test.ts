import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { publishToObjects, type Verification } from '@infratraq/audit';
import { openObjects } from '@infratraq/objects';
import { eventually } from '@infratraq/engines';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Writable } from 'node:stream';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;
let folder: string;
const lines: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-seals-'));
  const settings = {
    AUDIT_SEAL_INTERVAL_SECONDS: '1',
    AUDIT_SEALS_URL: pathToFileURL(folder).href,
    METRICS_WINDOW_SECONDS: '1',
  };
  server = await openTestServer(
    settings,
    new Writable({
      write(line: Buffer, _encoding, done) {
        lines.push(line.toString());
        done();
      },
    }),
  );
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

it('tells operators when sealing stands still, and when it goes on', async () => {
  const operator = await server.as('u-operator-1', 'operator');
  const { pool } = server.postgres;
  const sealing = await pool.connect();
  const logged = (text: string) =>
    eventually(
      async () => lines.filter((line) => line.includes(text)),
      (found) => found.length > 0,
    );
  try {
    // Whoever seals has this lock; one who never ends keeps all others from sealing.
    await sealing.query(`select pg_advisory_lock(hashtextextended('infratraq.audit_seal', 0))`);
    const before = new Date(Date.now() - 3_600_000);
    await pool.query('update infratraq.audit_seal set sealed_at = $1', [before]);
    await pool.query('update infratraq.audit_seal_head set complete_at = $1', [before]);
    await pool.query(`update projects set name = 'Never sealed' where project_id = 1`);
    const change = { 'new_value.name': 'Never sealed' };
    await eventually(
      () => server.mongodbDocuments('entity_changelog', change),
      ({ length }) => length === 1,
    );
    // All, for there may be some from before that no seal covers yet.
    await server.mongo.collection('entity_changelog').updateMany({}, { $set: { changed_at: before } });
    expect(JSON.parse((await logged('stands still'))[0]!)).toMatchObject({
      level: 50,
      oldest_unsealed_id: expect.any(String),
      unsealed_seconds: expect.any(Number),
    });
    const { body } = await operator<Verification>('GET', '/audit/verify?limit=100');
    expect(body.unsealed_seconds).toBeGreaterThan(3_000);
    expect(body.findings).toContainEqual(expect.objectContaining({ kind: 'change:unsealed' }));
    const [metric] = await eventually(
      () =>
        server.mongodbDocuments('performance_metric', { metric: 'audit.unsealed', error_count: { $gt: 0 } }),
      ({ length }) => length > 0,
    );
    expect(metric!['duration'].maximum_ms).toBeGreaterThan(3_000_000);
  } finally {
    sealing.release(true);
  }
  await logged('is sealed again');
});

it('names over HTTP what was inserted, and a seal that was removed with its file', async () => {
  const operator = await server.as('u-operator-1', 'operator');
  await server.mongo
    .collection<{ _id: unknown }>('entity_changelog')
    .insertMany([{ _id: 'zzzz' }, { _id: 7 }]);
  await server.postgres.pool.query('update infratraq.audit_seal_head set sequence = 1000000');
  const verify = (after: number) => operator<Verification>('GET', `/audit/verify?limit=100&after=${after}`);
  const { status, body } = await verify(999_950);
  expect([status, body.next]).toEqual([200, null]);
  expect(body.findings).toContainEqual(expect.objectContaining({ kind: 'seal:removed' }));
  for (const change_id of ['zzzz', '7'])
    expect(body.findings).toContainEqual({
      kind: 'change:inserted',
      change_id,
      detail: expect.stringContaining('capture has not stored it'),
    });
});
