import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { mongo } from 'mongoose';
import { AuditHistory } from './audit-history.js';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { exampleDocuments } from '../example-documents.js';
import { auditRoutes } from './history-routes.js';
import { createMask } from '../sensitive/mask-value.js';
import type { DeclaredField } from '../sensitive/sensitive-fields.js';
import { SensitiveReader } from '../sensitive/sensitive-reader.js';

const database = useModels(EntityChangelog);
const sensitive: DeclaredField[] = [];
const app = Fastify();
const get = (url: string, token = 'auditor') =>
  app.inject({ url, headers: { authorization: `Bearer ${token}` } });

beforeAll(async () => {
  const values = {
    estimate: mongo.Decimal128.fromString('12345678901234567890.123456789'),
    serial: mongo.Long.fromString('9223372036854775807'),
    scan: new mongo.Binary(Buffer.from('plan')),
    due: new Date('2026-02-01T00:00:00Z'),
    ratio: Number.NaN,
    tags: [{ depth: mongo.Decimal128.fromString('0.10') }],
    nothing: null,
  };
  await database.models.of(EntityChangelog).create([
    { ...exampleDocuments.EntityChangelog(), new_value: values },
    { ...exampleDocuments.EntityChangelog(), _id: 'demo:0000000001A2B3C5:00000000', entity_id: '43' },
  ]);
  await app.register(registerTransport, {
    authenticate: async (token) => ({ user_id: token, roles: [token as Role] }),
  });
  await app.register(auditRoutes, {
    history: new AuditHistory(database.models),
    reader: new SensitiveReader({
      models: database.models,
      fields: { list: async () => sensitive },
      mask: createMask('key'),
    }),
  });
});
afterAll(() => app.close());

describe('GET /audit/changes', () => {
  it('lists changes by page', async () => {
    const first = (await get('/audit/changes?entity_type=work_orders&limit=1')).json();
    expect(first.items).toHaveLength(1);
    const second = await get(`/audit/changes?entity_type=work_orders&limit=1&cursor=${first.next_cursor}`);
    expect(second.json()).toMatchObject({ items: [{ entity_type: 'work_orders' }], next_cursor: null });
    expect(second.json().items[0].id).not.toBe(first.items[0].id);
  });

  it('takes a time range with its bounds', async () => {
    const url = '/audit/changes?from=2026-01-15T10:20:30.456Z&to=2026-01-15T12:20:31%2B02:00';
    expect((await get(url)).json().items).toHaveLength(2);
    expect((await get('/audit/changes?to=2026-01-15T10:20:30.456Z')).json().items).toHaveLength(0);
  });

  it.each([
    'entity_id=42',
    'from=yesterday',
    'entity_type[$gt]=',
    'cursor=nonsense',
    'limit=0',
    'unknown=1',
    'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z',
  ])('answers ?%s with a problem', async (query) => {
    const answer = await get(`/audit/changes?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('is for auditors, operators and administrators only', async () => {
    expect((await get('/audit/changes', 'member')).statusCode).toBe(403);
    expect((await app.inject('/audit/changes')).statusCode).toBe(401);
    for (const role of ['operator', 'admin'])
      expect((await get('/audit/changes', role)).statusCode).toBe(200);
  });
});

describe('GET /audit/entities/:type/:id', () => {
  it("answers with the entity's changes, values written without loss", async () => {
    const answer = await get('/audit/entities/work_orders/42');
    expect(answer.json().items).toEqual([
      expect.objectContaining({
        id: 'demo:0000000001A2B3C4:00000001',
        changed_at: '2026-01-15T10:20:30.456Z',
        old_value: { id: 42, title: 'Resurface deck', estimate: '1200.50' },
        new_value: {
          estimate: '12345678901234567890.123456789',
          serial: '9223372036854775807',
          scan: 'cGxhbg==',
          due: '2026-02-01T00:00:00.000Z',
          ratio: 'NaN',
          tags: [{ depth: '0.10' }],
          nothing: null,
        },
      }),
    ]);
  });

  it('answers with the row as it was at a time', async () => {
    const answer = await get('/audit/entities/work_orders/42?at=2026-01-16T00:00:00Z');
    expect(answer.json()).toMatchObject({
      at: '2026-01-16T00:00:00.000Z',
      row: { serial: '9223372036854775807' },
      since: { change_id: 'demo:0000000001A2B3C4:00000001', changed_by: 'u-engineer-1' },
    });
  });

  it('answers 404 for a row that is not known, and says since when, why, and what makes it known', async () => {
    const answer = await get('/audit/entities/work_orders/99?at=2026-01-16T00:00:00Z');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      code: 'audit.row-unknown',
      unknown_since: null,
      unknown_because: 'no change of it is known that tells of it',
      known_again_at: null,
      remedy: 'infratraq capture snapshot work_orders',
    });
  });

  it('tells what the table was called, and masks by both names', async () => {
    const example = exampleDocuments.EntityChangelog();
    const told = { ...example, changed_at: new Date('2026-01-17T00:00:00Z'), operation: 'RENAME' as const };
    await database.models.of(EntityChangelog).create([
      { ...told, _id: 'demo:0000000001A2B3C6:00000000', entity_id: '*', new_value: { renamed_to: 'jobs' } },
      {
        ...told,
        _id: 'demo:0000000001A2B3C6:00000001',
        entity_type: 'jobs',
        entity_id: '*',
        new_value: { renamed_from: 'work_orders' },
      },
    ]);
    sensitive.push({ table_name: 'work_orders', column_name: 'serial', masking: 'full' });
    const row = (await get('/audit/entities/jobs/42?at=2026-01-16T00:00:00Z')).json();
    expect(row).toMatchObject({ entity_type: 'jobs', known_as: 'work_orders', row: { serial: '[masked]' } });
    expect(row.omitted_fields).toBeUndefined();
    expect((await get('/audit/entities/jobs/42')).json()).toMatchObject({
      items: [{ entity_type: 'work_orders', new_value: { serial: '[masked]' } }],
      also_known_as: [{ entity_type: 'work_orders', until: '2026-01-17T00:00:00.000Z' }],
    });
    expect((await get('/audit/entities/work_orders/42')).json()).toMatchObject({
      renamed_to: { entity_type: 'jobs', at: '2026-01-17T00:00:00.000Z' },
    });
  });

  it('masks what an ALTER says of the rows of an added column', async () => {
    const columns = [{ name: 'id' }, { name: 'iban', added: true, value: 'DE12' }];
    await database.models.of(EntityChangelog).create({
      ...exampleDocuments.EntityChangelog(),
      _id: 'demo:0000000001A2B3C7:00000000',
      entity_type: 'payees',
      entity_id: '*',
      operation: 'ALTER',
      new_value: { columns },
    });
    sensitive.push({ table_name: 'payees', column_name: 'iban', masking: 'full' });
    const [change] = (await get('/audit/changes?entity_type=payees')).json().items;
    expect(change.new_value.columns).toEqual([
      { name: 'id' },
      { name: 'iban', added: true, value: '[masked]' },
    ]);
  });

  it('refuses a time that is none, and a time together with a range', async () => {
    for (const query of ['at=noon', 'at=2026-01-16T00:00:00Z&from=2026-01-01T00:00:00Z'])
      expect((await get(`/audit/entities/work_orders/42?${query}`)).statusCode).toBe(400);
  });
});
