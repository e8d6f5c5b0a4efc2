import type { SendOutcome } from '../senders/sender.js';

/** How failed tries are repeated. */
export interface RetryPolicy {
  /** Tries in all before a delivery is given up. */
  readonly attempts: number;
  /** Longest wait before the second try; it doubles from try to try. */
  readonly firstDelaySeconds: number;
  readonly longestDelaySeconds: number;
}

/** About nine hours of trying. */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 12,
  firstDelaySeconds: 20,
  longestDelaySeconds: 7_200,
};

// Nobody is left alone for longer because a provider has answered nonsense.
const longestAskedSeconds = 86_400;

/** What a provider asked for by Retry-After, within reason; 0 where it asked for nothing. */
export function askedSeconds(outcome: SendOutcome): number {
  if (outcome.outcome === 'accepted' || outcome.outcome === 'rejected') return 0;
  const { retry_after_seconds: asked = 0 } = outcome;
  return Number.isNaN(asked) ? 0 : Math.min(longestAskedSeconds, Math.max(0, asked));
}

/**
 * Milliseconds until the next try; undefined when there is none. What a provider asked for by Retry-After is kept.
 * The jitter spreads what failed together.
 */
export function retryDelay(
  outcome: SendOutcome,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  if (outcome.outcome === 'accepted' || outcome.outcome === 'rejected') return undefined;
  if (attempt >= policy.attempts) return undefined;
  const { firstDelaySeconds, longestDelaySeconds } = policy;
  const longest = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** (attempt - 1));
  const delay = longest * (0.5 + random() / 2);
  return Math.ceil(1_000 * Math.max(delay, askedSeconds(outcome) * (1 + random() / 10)));
}
