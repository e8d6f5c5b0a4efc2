import { InfratraqError } from '@infratraq/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import type { LeaseState } from './computation-lease.js';

/** A holder that has not counted up for so long is dead, or may as well be. */
const abandonedMilliseconds = 8_000;
const firstPauseMilliseconds = 20;
const longestPauseMilliseconds = 500;
/** Computations of others to wait for that end without an output: their sources changed meanwhile, or they failed. */
const vainComputations = 2;

/** One caller's wait for another process's computation. */
export class LeaseWait {
  readonly #longestMilliseconds: number;
  readonly #begunAt = performance.now();
  #seen: (LeaseState & { readonly at: number }) | undefined;
  #ended = 0;
  #pauseMilliseconds = firstPauseMilliseconds;

  constructor(longestMilliseconds: number) {
    this.#longestMilliseconds = longestMilliseconds;
  }

  /** Whether others have computed without an output often enough, so that one computes beside them. */
  isInVain(state: LeaseState | undefined): boolean {
    if (this.#seen && state?.holder !== this.#seen.holder) this.#ended += 1;
    if (state === undefined) this.#seen = undefined;
    return this.#ended >= vainComputations;
  }

  /** Whether the holder has not counted up while this caller watched. */
  isAbandoned(state: LeaseState): boolean {
    const now = performance.now();
    if (this.#seen?.holder !== state.holder || this.#seen.beat !== state.beat)
      this.#seen = { ...state, at: now };
    return now - this.#seen.at > abandonedMilliseconds;
  }

  /** @throws InfratraqError `report.computing` once it has taken too long */
  async pause(): Promise<void> {
    if (performance.now() - this.#begunAt > this.#longestMilliseconds)
      throw new InfratraqError('report.computing', 'The report is still being computed; ask again later', {
        status: 503,
        retryAfterMilliseconds: 10_000,
      });
    await delay(this.#pauseMilliseconds);
    this.#pauseMilliseconds = Math.min(this.#pauseMilliseconds * 1.5, longestPauseMilliseconds);
  }
}
