import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { DeadLetterEvent, type DeadLetterState } from './dead-letter-event.js';

/** Dead letters in one state, oldest first: the order in which they are replayed. */
export const listDeadLetters = defineQuery(DeadLetterEvent, {
  example: { state: 'open' as DeadLetterState },
  shape: ({ state, ...range }: { state: DeadLetterState } & TimeRange) => ({
    filter: { state, ...withinTime('created_at', range) },
    sort: { created_at: 1 },
  }),
});

/** Dead letters that were to go to one target, oldest first. */
export const listDeadLettersOfTarget = defineQuery(DeadLetterEvent, {
  example: { target: 'user_activity_event', state: 'open' as DeadLetterState },
  shape: ({ target, state, ...range }: { target: string; state: DeadLetterState } & TimeRange) => ({
    filter: { target, state, ...withinTime('created_at', range) },
    sort: { created_at: 1 },
  }),
});

/** Dead letters that follow from one request, in order. */
export const listDeadLettersOfCause = defineQuery(DeadLetterEvent, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { created_at: 1 } }),
});
