import { backOffMilliseconds } from '@infratraq/kernel';
import type { SendOutcome } from '../senders/sender.js';
import { askedSeconds } from './retry-delay.js';

/** The time that a provider is spared by. */
export interface ProviderClock {
  now(): number;
  wait(milliseconds: number): Promise<unknown>;
  /** Gives numbers from 0 up to, but without, 1. */
  random(): number;
}

const failuresToOpen = 5;
const pauseMilliseconds = { firstMilliseconds: 10_000, longestMilliseconds: 300_000 };
const probeMilliseconds = 1_000;

/**
 * Spares a provider that fails, or that asks by Retry-After to be left alone. After five failures in a row nothing is
 * sent for a while; then one message probes the provider, and its outcome decides.
 */
export class CircuitBreaker {
  readonly #clock: Pick<ProviderClock, 'now' | 'random'>;
  #failures = 0;
  #pauses = 0;
  #closedUntil = 0;
  #probing = false;

  constructor(clock: Pick<ProviderClock, 'now' | 'random'>) {
    this.#clock = clock;
  }

  /** Whether messages go through without a probe. */
  get isOpen(): boolean {
    return this.#closedUntil <= this.#clock.now() && this.#pauses === 0;
  }

  /** Until when a message that comes now is not sent; undefined where it may go. */
  get sparedUntil(): number | undefined {
    return this.#sparedUntil(this.#probing);
  }

  /** Lets one message through to the provider; the others wait while it is a probe. */
  async pass<Result>(send: (sparedUntil: () => number | undefined) => Promise<Result>): Promise<Result> {
    const isProbe = this.#pauses > 0;
    this.#probing ||= isProbe;
    try {
      return await send(() => this.#sparedUntil(!isProbe));
    } finally {
      if (isProbe) this.#probing = false;
    }
  }

  /** Takes in what the provider answered. */
  learn(outcome: SendOutcome): void {
    const now = this.#clock.now();
    if (outcome.outcome === 'throttled') {
      const seconds = askedSeconds(outcome);
      if (seconds > 0) this.#closedUntil = Math.max(this.#closedUntil, now + seconds * 1_000);
      return;
    }
    if (outcome.outcome !== 'unreachable') {
      this.#failures = 0;
      this.#pauses = 0;
      return;
    }
    this.#failures += 1;
    if (this.#failures < failuresToOpen && this.#pauses === 0) return;
    // Those that were in flight together fail together; they count as one failure more.
    if (this.#closedUntil > now) return;
    this.#pauses += 1;
    const { random } = this.#clock;
    this.#closedUntil = now + backOffMilliseconds(this.#pauses, { ...pauseMilliseconds, random });
  }

  #sparedUntil(othersProbe: boolean): number | undefined {
    const now = this.#clock.now();
    if (this.#closedUntil > now) return this.#closedUntil;
    return this.#pauses > 0 && othersProbe ? now + probeMilliseconds : undefined;
  }
}
