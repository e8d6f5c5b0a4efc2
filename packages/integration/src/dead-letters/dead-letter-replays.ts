import type { Stored } from '@infratraq/mongo';
import type { DeadLetterEvent, DeadLetterOrigin } from '../collections/dead-letter-event.js';

export const replayOutcomes = ['replayed', 'refused', 'requested'] as const;

/**
 * Outcome of replaying one dead letter.
 *
 * `replayed`: delivered, and the letter is settled. `refused`: refused again; the letter stays open with the new reason.
 * `requested`: the consumer gets the change at its next turn, and settles the letter itself.
 */
export type ReplayOutcome = (typeof replayOutcomes)[number];

/** Replays of dead letters by origin. Each settles the letter, or sees to it that its consumer does. */
export type DeadLetterReplays = {
  readonly [Origin in DeadLetterOrigin]?: (
    letter: Stored<DeadLetterEvent>,
    by: string,
  ) => Promise<ReplayOutcome>;
};
