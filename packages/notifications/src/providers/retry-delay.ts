import { backOffMilliseconds } from '@infratraq/kernel';
import type { SendOutcome } from '../senders/sender.js';

/** How failed tries are repeated; waits double from try to try. */
export interface RetryPolicy {
  /** Tries before a delivery is given up. */
  readonly attempts: number;
  /** Longest wait before the second try. */
  readonly firstDelaySeconds: number;
  readonly longestDelaySeconds: number;
}

/** About nine hours of trying. */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 12,
  firstDelaySeconds: 20,
  longestDelaySeconds: 7_200,
};

// A provider that answers nonsense is not left alone for longer.
const longestAskedSeconds = 86_400;

/** Seconds that a provider asked for by Retry-After, a day at most; 0 where it asked for nothing. */
export function askedSeconds(outcome: SendOutcome): number {
  if (outcome.outcome === 'accepted' || outcome.outcome === 'rejected') return 0;
  const { retry_after_seconds: asked = 0 } = outcome;
  return Number.isNaN(asked) ? 0 : Math.min(longestAskedSeconds, Math.max(0, asked));
}

/** Milliseconds until the next try; undefined when there is none. A provider's Retry-After is kept. */
export function retryDelay(
  outcome: SendOutcome,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  if (outcome.outcome === 'accepted' || outcome.outcome === 'rejected') return undefined;
  if (attempt >= policy.attempts) return undefined;
  const delay = backOffMilliseconds(attempt, {
    firstMilliseconds: policy.firstDelaySeconds * 1_000,
    longestMilliseconds: policy.longestDelaySeconds * 1_000,
    random,
  });
  return Math.ceil(Math.max(delay, askedSeconds(outcome) * 1_000 * (1 + random() / 10)));
}
