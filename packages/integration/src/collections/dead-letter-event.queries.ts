import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { DeadLetterEvent, type DeadLetterOrigin, type DeadLetterState } from './dead-letter-event.js';

/** What a list of dead letters may be narrowed by besides its index, and its order. */
interface LetterConditions extends TimeRange {
  readonly state: DeadLetterState;
  readonly origin?: DeadLetterOrigin | undefined;
  /** Oldest first, the order of replay, by default. */
  readonly order?: 'oldest' | 'newest' | undefined;
}

/** Dead letters in one state, by default oldest first: the order in which they are replayed. */
export const listDeadLetters = defineQuery(DeadLetterEvent, {
  example: { state: 'open' as DeadLetterState },
  shape: ({ state, origin, order, ...range }: LetterConditions) => ({
    filter: { state, ...(origin && { origin }), ...withinTime('created_at', range) },
    sort: { created_at: order === 'newest' ? -1 : 1 },
  }),
});

/** Dead letters that were to go to one target, by default oldest first. */
export const listDeadLettersOfTarget = defineQuery(DeadLetterEvent, {
  example: { target: 'user_activity_event', state: 'open' as DeadLetterState },
  shape: ({ target, state, origin, order, ...range }: LetterConditions & { target: string }) => ({
    filter: { target, state, ...(origin && { origin }), ...withinTime('created_at', range) },
    sort: { created_at: order === 'newest' ? -1 : 1 },
  }),
});

/** Dead letters that follow from one request, in order. */
export const listDeadLettersOfCause = defineQuery(DeadLetterEvent, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { created_at: 1 } }),
});
