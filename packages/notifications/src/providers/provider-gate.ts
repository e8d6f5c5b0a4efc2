import { setTimeout as delay } from 'node:timers/promises';
import type { SendOutcome } from '../senders/sender.js';
import { CircuitBreaker, type ProviderClock } from './circuit-breaker.js';

/** What a provider can take from this process. */
export interface ProviderLimits {
  /** Messages a second; unlimited when absent. */
  readonly perSecond?: number;
  /**
   * Messages in flight at once.
   * @default 20
   */
  readonly concurrent?: number;
}

/** What a provider answered, or until when it is not tried; undefined for a message that was not sent after all. */
export type Passed<Outcome> = Outcome | { readonly outcome: 'refused'; readonly until: Date };

const defaultConcurrent = 20;
// A message that has to wait longer gives its job back instead of holding it.
const longestWaitMilliseconds = 2_000;

/** Limits the messages to one provider, and spares it by a circuit breaker while it fails. */
export class ProviderGate {
  readonly #limits: ProviderLimits;
  readonly #clock: ProviderClock;
  readonly #breaker: CircuitBreaker;
  readonly #queue: (() => void)[] = [];
  #inFlight = 0;
  #nextSlot = 0;

  constructor(limits: ProviderLimits = {}, clock: Partial<ProviderClock> = {}) {
    this.#limits = limits;
    this.#clock = {
      now: Date.now,
      random: Math.random,
      wait: (milliseconds) => delay(milliseconds),
      ...clock,
    };
    this.#breaker = new CircuitBreaker(this.#clock);
  }

  /** Whether messages go through. */
  get isOpen(): boolean {
    return this.#breaker.isOpen;
  }

  /** Sends within the limits; where that can't be now, answers from when on it may be tried. */
  async pass<Outcome extends SendOutcome | undefined>(
    send: () => Promise<Outcome>,
  ): Promise<Passed<Outcome>> {
    const refusedUntil = this.#breaker.sparedUntil ?? this.#slotTooLate();
    if (refusedUntil !== undefined) return refuse(refusedUntil);
    return this.#breaker.pass(async (sparedUntil) => {
      const slot = this.#takeSlot();
      if (slot > this.#clock.now()) await this.#clock.wait(slot - this.#clock.now());
      await this.#enter();
      try {
        // The provider may have failed, or asked to be left alone, while this message waited for its turn.
        const until = sparedUntil();
        if (until !== undefined) return refuse(until);
        const outcome = await send();
        if (outcome !== undefined) this.#breaker.learn(outcome);
        return outcome;
      } finally {
        this.#leave();
      }
    });
  }

  #slotTooLate(): number | undefined {
    return this.#nextSlot - this.#clock.now() > longestWaitMilliseconds ? this.#nextSlot : undefined;
  }

  #takeSlot(): number {
    const { perSecond } = this.#limits;
    const slot = Math.max(this.#clock.now(), this.#nextSlot);
    if (perSecond !== undefined) this.#nextSlot = slot + 1_000 / perSecond;
    return slot;
  }

  async #enter(): Promise<void> {
    if (this.#inFlight >= (this.#limits.concurrent ?? defaultConcurrent))
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#inFlight += 1;
  }

  #leave(): void {
    // The next message takes over the place.
    const next = this.#queue.shift();
    if (next) next();
    else this.#inFlight -= 1;
  }
}

function refuse(until: number): { readonly outcome: 'refused'; readonly until: Date } {
  return { outcome: 'refused', until: new Date(until) };
}
