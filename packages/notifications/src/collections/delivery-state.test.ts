import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  advanceDelivery,
  deliveryLifecycle,
  deliveryStates,
  movesDelivery,
  statesBefore,
} from './delivery-state.js';

const reports = fc.array(fc.constantFrom('sent', 'failed', 'delivered', 'bounced', 'read'));

describe('the state of a delivery', () => {
  it('goes its ordinary way from queued to read', () => {
    expect(['sent', 'delivered', 'read'].reduce(advanceDelivery as never, 'queued')).toBe('read');
  });

  it('ends the same whatever the order in which a provider reports, and however often', () => {
    fc.assert(
      fc.property(reports, reports, (first, again) => {
        const inOrder = first.reduce(advanceDelivery, 'queued' as const);
        const shuffled = [...first].reverse().concat(again.filter((report) => first.includes(report)));
        expect(shuffled.reduce(advanceDelivery, 'queued' as const)).toBe(inOrder);
      }),
    );
  });

  it('never comes back to a state that it has left', () => {
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      deliveryLifecycle[from as 'queued'].next.some(
        (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
      );
    for (const state of deliveryStates) expect(reaches(state, state)).toBe(false);
  });

  it('can only be withdrawn, expire or be held back while it is queued', () => {
    for (const state of ['cancelled', 'expired', 'suppressed'] as const) {
      expect(statesBefore(state)).toEqual(['queued']);
      // What was being handed over when it was withdrawn has been sent all the same.
      const next = state === 'cancelled' ? ['sent'] : [];
      expect(deliveryStates.filter((to) => movesDelivery(state, to))).toEqual(next);
    }
  });
});
