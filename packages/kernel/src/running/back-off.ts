/** How waits grow from one failed try to the next. */
export interface BackOffOptions {
  /** Longest wait after the first failure. */
  readonly firstMilliseconds: number;
  /** No wait is longer. */
  readonly longestMilliseconds: number;
  /** Gives numbers from 0 up to, but without, 1; `Math.random` when absent. */
  readonly random?: () => number;
}

/**
 * Milliseconds to wait after so many failures in a row: twice as many each time, up to the longest wait. Half of the
 * wait is random, so that what failed together is not tried again together.
 */
export function backOffMilliseconds(
  failures: number,
  { firstMilliseconds, longestMilliseconds, random = Math.random }: BackOffOptions,
): number {
  const longest = Math.min(longestMilliseconds, firstMilliseconds * 2 ** Math.max(0, failures - 1));
  return longest / 2 + (random() * longest) / 2;
}
