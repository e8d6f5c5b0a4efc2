import { setTimeout as delay } from 'node:timers/promises';

/** Waits longer with every failure, up to 30 s, with jitter so that several processes don't strike together. */
export class BackOff {
  #failures = 0;

  /** The next delay in milliseconds. */
  next(): number {
    const ceiling = Math.min(30_000, 100 * 2 ** this.#failures);
    this.#failures += 1;
    return Math.round(ceiling * (0.5 + Math.random() / 2));
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
