import { defineEvent } from '@infratraq/kernel';
import { describe, expect, it } from 'tstyche';
import { z } from 'zod';
import { createEventRouter, type EventWriter } from '../index.js';
import { SiteEvent } from '../testing/site-event.js';

declare const writer: EventWriter;

const siteVisited = defineEvent('site.visited', {
  schema: z.strictObject({ number: z.number(), site: z.string(), notes: z.string().optional() }),
  collection: SiteEvent,
  toDocument: ({ number, site }) => ({ number, site }),
});
const budgetApproved = defineEvent('budget.approved', {
  schema: z.strictObject({ project: z.string(), amount: z.string() }),
  table: 'budget_approvals',
  toRow: (data) => data,
});

const router = createEventRouter({ events: [siteVisited, budgetApproved], writer });

describe('a router', () => {
  it('emits the events that it was made of, each with what it carries', () => {
    expect(router.emit).type.toBeCallableWith('site.visited', { number: 1, site: 'bridge' });
    expect(router.emit).type.toBeCallableWith('site.visited', { number: 1, site: 'bridge', notes: 'wet' });
    expect(router.emit).type.toBeCallableWith('budget.approved', { project: 'p-1', amount: '1.00' });
  });

  it('knows no other event', () => {
    // @ts-expect-error '"site.closed"' is not assignable to parameter of type '"site.visited" | "budget.approved"'
    router.emit('site.closed', { number: 1, site: 'bridge' });
  });

  it('takes no event without a field that it must have', () => {
    // @ts-expect-error Property 'site' is missing
    router.emit('site.visited', { number: 1 });
    // @ts-expect-error Expected 2 arguments, but got 1
    router.emit('site.visited');
  });

  it('takes no field of another type, nor one that the event does not have', () => {
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    router.emit('site.visited', { number: '1', site: 'bridge' });
    // @ts-expect-error 'colour' does not exist
    router.emit('site.visited', { number: 1, site: 'bridge', colour: 'red' });
  });

  it('takes no data of another of its events', () => {
    // @ts-expect-error 'project' does not exist
    router.emit('site.visited', { project: 'p-1', amount: '1.00' });
  });
});
