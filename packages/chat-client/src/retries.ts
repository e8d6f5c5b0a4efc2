import { backOffMilliseconds } from '@infratraq/kernel/back-off';

const firstMilliseconds = 200;

/** Schedules retries by name, each with its own count of failures and its own wait. */
export class Retries {
  readonly #longestMilliseconds: number;
  readonly #vainTries = new Map<string, number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(longestMilliseconds: number) {
    this.#longestMilliseconds = longestMilliseconds;
  }

  /** Failures since the last success. */
  vainTries(name: string): number {
    return this.#vainTries.get(name) ?? 0;
  }

  isWaiting(name: string): boolean {
    return this.#timers.has(name);
  }

  /** Counts a failure and schedules the next attempt, after at least the given time. */
  tryLater(name: string, again: () => void, leastMilliseconds = 0): void {
    const vainTries = this.vainTries(name) + 1;
    this.#vainTries.set(name, vainTries);
    clearTimeout(this.#timers.get(name));
    const longestMilliseconds = this.#longestMilliseconds;
    const wait =
      leastMilliseconds + backOffMilliseconds(vainTries, { firstMilliseconds, longestMilliseconds });
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      again();
    }, wait);
    this.#timers.set(name, timer);
  }

  /** Resets the count of failures. */
  succeed(name: string): void {
    this.#vainTries.delete(name);
    this.stopWaiting(name);
  }

  stopWaiting(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  close(): void {
    for (const name of this.#timers.keys()) this.stopWaiting(name);
  }
}
