import { describe, expect, it } from '@jest/globals';
import { defineQuery, isServedQuery, withinTime, type TimeRange } from '../index.js';

class Visit {
  user_id!: string;
  visited_at!: Date;
}

const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-04-01T00:00:00Z');

describe('a served query', () => {
  const listVisits = defineQuery(Visit, {
    example: { user_id: 'u-1', from },
    shape: ({ user_id, ...range }: { user_id: string } & TimeRange) => ({
      filter: { user_id, ...withinTime('visited_at', range) },
      sort: { visited_at: -1 },
    }),
  });

  it('belongs to its class and cannot be changed', () => {
    expect(listVisits.collection).toBe(Visit);
    expect(Object.isFrozen(listVisits)).toBe(true);
  });

  it('turns parameters into a filter and an order', () => {
    expect(listVisits.shape(listVisits.example)).toEqual({
      filter: { user_id: 'u-1', visited_at: { $gte: from } },
      sort: { visited_at: -1 },
    });
  });

  it('is told from everything else that a package exports', () => {
    expect(isServedQuery(listVisits)).toBe(true);
    expect([Visit, null, undefined, 'listVisits', {}, { collection: Visit }].some(isServedQuery)).toBe(false);
  });
});

describe('a time range', () => {
  it.each([
    ['is no condition when open at both ends', {}, {}],
    ['starts inclusively', { from }, { visited_at: { $gte: from } }],
    ['ends exclusively', { to }, { visited_at: { $lt: to } }],
    ['holds between both', { from, to }, { visited_at: { $gte: from, $lt: to } }],
  ])('%s', (_name, range, condition) => {
    expect(withinTime('visited_at', range)).toEqual(condition);
  });
});
