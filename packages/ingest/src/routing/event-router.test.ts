import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { defineEvent } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo, type Models, type Mongo } from '@infratraq/mongo';
import pg from 'pg';
import { z } from 'zod';
import { createEventRouter, createEventWriter, type EventWriter } from '../index.js';
import { SiteEvent } from '../testing/site-event.js';

const siteVisited = defineEvent('site.visited', {
  schema: z.strictObject({ number: z.number(), site: z.string() }),
  collection: SiteEvent,
  toDocument: ({ number, site }) => ({ number, site }),
});
const budgetApproved = defineEvent('budget.approved', {
  schema: z.strictObject({
    id: z.string().optional(),
    project: z.string(),
    amount: z.string(),
    notes: z.any().optional(),
  }),
  traits: ['financial-data', 'acid-transactions'],
  table: 'budget_approvals',
  toRow: (data) => ({ ...data, approved_at: new Date(0) }),
});

let databases: TestDatabases;
let mongo: Mongo;
let models: Models;
let pool: pg.Pool;
let writer: EventWriter;

beforeAll(async () => {
  databases = await createTestDatabases();
  mongo = await connectMongo({ uri: databases.mongodbUri });
  models = bindModels(mongo.connection, [SiteEvent]);
  await applyIndexes(mongo.connection, [SiteEvent]);
  pool = new pg.Pool({ connectionString: databases.postgresUrl });
});
afterEach(() => writer.close());
afterAll(async () => {
  await pool.end();
  await mongo.close();
  await databases.drop();
});
beforeEach(async () => {
  writer = createEventWriter({ models });
  await pool.query(`drop table if exists budget_approvals`);
  await pool.query(`create table budget_approvals (
    id text primary key, project text not null, amount numeric(12, 2) not null check (amount > 0), notes jsonb,
    approved_at timestamptz, recorded_at timestamptz not null default now())`);
});
const approvals = async () =>
  (await pool.query('select project, amount, notes, approved_at from budget_approvals order by project'))
    .rows;

describe('the event router', () => {
  it('sends each event to its store', async () => {
    const router = createEventRouter({ events: [siteVisited, budgetApproved], writer, postgres: pool });
    router.emit('site.visited', { number: 1, site: 'bridge' });
    router.emit('budget.approved', { project: 'p-1', amount: '12.30' });
    router.emit('budget.approved', { project: 'p-2', amount: '99999999.99', notes: { by: ['a', 'b'] } });
    await writer.flush();
    expect(await models.of(SiteEvent).find({}).lean()).toMatchObject([{ number: 1, site: 'bridge' }]);
    expect(await approvals()).toEqual([
      { project: 'p-1', amount: '12.30', notes: null, approved_at: new Date(0) },
      { project: 'p-2', amount: '99999999.99', notes: { by: ['a', 'b'] }, approved_at: new Date(0) },
    ]);
    expect(writer.metrics().collections['table:budget_approvals']).toMatchObject({ written: 2, depth: 0 });
  });

  it('keeps a row once that is emitted twice, and rejects alone the row that breaks a constraint', async () => {
    const router = createEventRouter({ events: [budgetApproved], writer, postgres: pool });
    const rejected = once(writer.events, 'event:rejected');
    for (const amount of ['1.00', '2.00', '-1.00', '3.00'])
      router.emit('budget.approved', { project: `p${amount}`, amount });
    router.emit('budget.approved', { id: 'same', project: 'same', amount: '4.00' });
    router.emit('budget.approved', { id: 'same', project: 'same', amount: '4.00' });
    await writer.flush();
    expect((await rejected)[0]).toMatchObject({
      collection: 'table:budget_approvals',
      document: { project: 'p-1.00' },
      reason: expect.stringContaining('check'),
    });
    expect((await approvals()).map(({ project }) => project)).toEqual(['p1.00', 'p2.00', 'p3.00', 'same']);
  });

  it('writes what PostgreSQL could not take at first, once it can', async () => {
    await pool.query('alter table budget_approvals rename to elsewhere');
    const router = createEventRouter({ events: [budgetApproved], writer, postgres: pool });
    const degraded = once(writer.events, 'writer:degraded');
    router.emit('budget.approved', { project: 'p-1', amount: '1.00' });
    expect((await degraded)[0]).toMatchObject({ collection: 'table:budget_approvals', reason: 'database' });
    await pool.query('alter table elsewhere rename to budget_approvals');
    await writer.flush();
    expect(await approvals()).toHaveLength(1);
  });

  it('refuses data that does not fit, at once and to the caller', () => {
    const router = createEventRouter({ events: [siteVisited], writer });
    expect(() => router.emit('site.visited', { number: 1, site: { $gt: '' } as never })).toThrow(
      expect.objectContaining({ code: 'event.data', status: 400 }),
    );
  });

  it('is not built where an event would go to the wrong store, or has none', () => {
    const misplaced = defineEvent('budget.moved', {
      schema: z.object({ number: z.number() }),
      traits: ['financial-data'],
      collection: SiteEvent,
      toDocument: ({ number }) => ({ number }),
    });
    const build = (...events: Parameters<typeof createEventRouter>[0]['events'][number][]) =>
      createEventRouter({ events, writer });
    expect(() => build(misplaced)).toThrow('Never store financial transactions in MongoDB');
    expect(() => build(budgetApproved)).toThrow('give the router a PostgreSQL pool');
    expect(() => build(siteVisited, siteVisited)).toThrow('declared twice');
  });
});
