import { setTimeout as delay } from 'node:timers/promises';
import { backOffMilliseconds } from '@infratraq/kernel';

const retryTimes = { firstMilliseconds: 100, longestMilliseconds: 30_000 };

/** Counts failures in a row, and says how long to wait after each. */
export class BackOff {
  #failures = 0;

  /** The next delay in milliseconds. */
  next(): number {
    this.#failures += 1;
    return Math.round(backOffMilliseconds(this.#failures, retryTimes));
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Waits, and ends early without an error when the signal is aborted. */
export async function waitUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
