import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  assertAccess,
  assertTransition,
  CollectionStateError,
  computedState,
  ConflictError,
  lifecycle,
  lifecycleStates,
  type LifecycleState,
} from '../index.js';
import { type Access } from './lifecycle.js';

const anyState = fc.constantFrom(...lifecycleStates);
const anyAccess = fc.constantFrom<Access>('read', 'write', 'administer');

describe('the lifecycle table', () => {
  it('leads where the specification says, plus into maintenance by an operator and into TTL expiring by itself', () => {
    const next = Object.fromEntries(
      lifecycleStates.map((state) => [state, [...lifecycle[state].next].sort()]),
    );
    expect(next).toEqual({
      active: ['archived', 'maintenance', 'ttl_expiring'],
      ttl_expiring: ['active', 'archived'],
      archived: ['deleted'],
      maintenance: ['active'],
      deleted: [],
    });
  });

  it('allows in each state what the specification allows', () => {
    expect(lifecycle.active.allows).toEqual(expect.arrayContaining(['read', 'write']));
    expect(lifecycle.ttl_expiring.allows).toEqual(expect.arrayContaining(['read', 'write']));
    expect(lifecycle.archived.allows).toEqual(['read']);
    expect(lifecycle.maintenance.allows).toEqual(['administer']);
    expect(lifecycle.deleted.allows).toEqual([]);
  });

  it('lets every state but the final one be left, and reaches each from active', () => {
    const reached = new Set<LifecycleState>(['active']);
    for (const state of reached) for (const next of lifecycle[state].next) reached.add(next);
    expect([...reached].sort()).toEqual([...lifecycleStates].sort());
    expect(lifecycleStates.filter((state) => lifecycle[state].next.length === 0)).toEqual(['deleted']);
  });
});

describe('transitions by an operator', () => {
  it('never lead anywhere but along the table, and never into the computed state', () => {
    fc.assert(
      fc.property(anyState, fc.array(anyState, { maxLength: 30 }), (start, wishes) => {
        let state = start;
        for (const wish of wishes) {
          if (!isAccepted(state, wish)) continue;
          expect(lifecycle[state].next).toContain(wish);
          expect(wish).not.toBe(computedState);
          state = wish;
        }
      }),
    );
  });

  it('accept every other transition of the table', () => {
    for (const from of lifecycleStates)
      for (const to of lifecycle[from].next.filter((state) => state !== computedState))
        expect(() => assertTransition('report_cache', from, to)).not.toThrow();
  });

  it('never leave deleted', () => {
    fc.assert(fc.property(anyState, (wish) => !isAccepted('deleted', wish)));
    expect(() => assertTransition('report_cache', 'deleted', 'active')).toThrow('that state is final');
  });

  it('are refused with the states that could follow', () => {
    expect(() => assertTransition('report_cache', 'active', 'deleted')).toThrow(
      expect.objectContaining({
        code: 'lifecycle.transition',
        status: 409,
        message:
          'report_cache is active and cannot become deleted; from there it can go to archived or maintenance',
      }),
    );
  });
});

describe('access', () => {
  it('is given exactly where the table gives it', () => {
    fc.assert(
      fc.property(anyState, anyAccess, (state, access) => {
        const attempt = () => assertAccess('error_log', state, access);
        if (lifecycle[state].allows.includes(access)) expect(attempt).not.toThrow();
        else expect(attempt).toThrow(CollectionStateError);
      }),
    );
  });

  it.each([
    ['maintenance', 'read', 'collection.maintenance', 503],
    ['archived', 'write', 'collection.archived', 409],
    ['deleted', 'read', 'collection.deleted', 409],
  ] as const)('in %s is refused to %s with a stable code', (state, access, code, status) => {
    expect(() => assertAccess('error_log', state, access)).toThrow(
      expect.objectContaining({ code, status, collection: 'error_log', state }),
    );
  });
});

function isAccepted(from: LifecycleState, to: LifecycleState): boolean {
  try {
    assertTransition('report_cache', from, to);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
