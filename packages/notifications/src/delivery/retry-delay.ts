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
  const asked = outcome.retry_after_seconds ?? 0;
  return Math.ceil(1_000 * Math.max(delay, asked === 0 ? 0 : asked * (1 + random() / 10)));
}
