import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openAudit, type OpenedAudit } from './open-audit.js';

const row = { entity_type: 'contracts', entity_id: '7' };

describe('the audit trail that is opened', () => {
  let databases: TestDatabases;
  let folder: string;
  let opened: OpenedAudit;
  beforeAll(async () => {
    databases = await createTestDatabases();
    folder = await mkdtemp(join(tmpdir(), 'seals-'));
    opened = await openAudit({
      mongodbUri: databases.mongodbUri,
      postgresUrl: databases.postgresUrl,
      redactionKey: 'a key of the test, 32 bytes long',
      sealsUrl: pathToFileURL(folder).href,
      sealIntervalSeconds: 0.05,
    });
  });
  afterAll(async () => {
    await opened.close();
    await databases.drop();
    await rm(folder, { recursive: true });
  });

  it('reads, verifies and names its consumer', async () => {
    expect(await opened.history.listChanges(row)).toEqual({ items: [], next_cursor: null });
    expect(await opened.verifier.verify()).toMatchObject({ findings: [], next: null });
    expect(opened.consumers.map(({ name }) => name)).toEqual(['field-audit']);
    await expect(opened.history.findRowAsOf(row, new Date())).rejects.toMatchObject({
      code: 'audit.row-unknown',
    });
  });

  it.each<[string, string, (opened: OpenedAudit) => Promise<unknown>]>([
    [
      'an entity type that is no text',
      '/entity_type',
      ({ history }) => history.listChanges({ ...row, entity_type: 5 as never }),
    ],
    [
      'an operator in place of an id',
      '/entity_id',
      ({ history }) => history.listChanges({ ...row, entity_id: { $gt: '' } as never }),
    ],
    ['a time that is none', '/at', ({ history }) => history.findRowAsOf(row, '2026-01-01' as never)],
    ['an invalid date', '/from', ({ history }) => history.listChanges({ from: new Date(NaN) })],
    ['a field that is not named', '/field', ({ history }) => history.listFieldChanges(row, '')],
    [
      'an operation that is none',
      '/operation',
      ({ fieldAudit }) => fieldAudit.list({ changed_by: 'u', operation: 'LOOK' as never }),
    ],
    ['a reason that is too long', '/reason', ({ reader }) => reader.show([], { reason: 'x'.repeat(501) })],
    [
      'a version that is not named',
      '/change_id',
      ({ restorer }) => restorer.plan(row, { change_id: 5 as never }),
    ],
    [
      'a plan without a reason',
      '/reason',
      ({ restorer }) => restorer.apply(row, { at: new Date() }, { plan_id: 'p' } as never),
    ],
    ['an operator in place of a change', '/', ({ prove }) => prove({ $gt: '' } as never)],
    ['a limit of nothing', '/limit', ({ verifier }) => verifier.verify({ limit: 0 })],
  ])('refuses %s, and says where it is', async (_case, path, work) => {
    await expect(work(opened)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'audit.invalid',
      errors: [{ path, message: expect.any(String) }],
    });
  });
});
