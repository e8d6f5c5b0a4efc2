import { setTimeout as delay } from 'node:timers/promises';
import type { SendOutcome } from '../senders/sender.js';
import { askedSeconds } from './retry-delay.js';

/** What a provider can take from this process. */
export interface ProviderLimits {
  /** Messages a second; as many as there are when absent. */
  readonly perSecond?: number;
  /** Messages in flight at once; 20 unless told. */
  readonly concurrent?: number;
}

/** The time that a gate goes by. */
export interface GateClock {
  now(): number;
  wait(milliseconds: number): Promise<unknown>;
}

const defaultConcurrent = 20;
const failuresToOpen = 5;
const firstPauseMilliseconds = 10_000;
const longestPauseMilliseconds = 300_000;
const probeMilliseconds = 1_000;
// What has to wait longer gives its job back instead of holding it.
const longestWaitMilliseconds = 2_000;

/**
 * Stands before a provider: keeps its limits, and spares it while it fails or asks to be left alone.
 *
 * After five failures in a row nothing is sent for a while; then one message tries, and its outcome decides.
 */
export class ProviderGate {
  readonly #limits: ProviderLimits;
  readonly #clock: GateClock;
  readonly #queue: (() => void)[] = [];
  #inFlight = 0;
  #nextSlot = 0;
  #failures = 0;
  #pauses = 0;
  #closedUntil = 0;
  #probing = false;

  constructor(limits: ProviderLimits = {}, clock: Partial<GateClock> = {}) {
    this.#limits = limits;
    this.#clock = { now: Date.now, wait: (milliseconds) => delay(milliseconds), ...clock };
  }

  /** Whether messages go through. */
  get isOpen(): boolean {
    return this.#closedUntil <= this.#now() && this.#pauses === 0;
  }

  /**
   * Sends within the limits; answers the time from which on it may be tried where it can't be now.
   * What came to nothing (undefined) says nothing of the provider.
   */
  async pass<Outcome extends SendOutcome | undefined>(
    send: () => Promise<Outcome>,
  ): Promise<Outcome | { readonly outcome: 'refused'; readonly until: Date }> {
    const refusedUntil = this.#sparedUntil(this.#probing) ?? this.#slotTooLate();
    if (refusedUntil !== undefined) return { outcome: 'refused', until: new Date(refusedUntil) };
    const isProbe = this.#pauses > 0;
    this.#probing ||= isProbe;
    const slot = this.#takeSlot();
    try {
      if (slot > this.#now()) await this.#clock.wait(slot - this.#now());
      await this.#enter();
      try {
        // The provider may have failed, or asked to be left alone, while this one waited for its turn.
        const sparedUntil = this.#sparedUntil(!isProbe);
        if (sparedUntil !== undefined) return { outcome: 'refused', until: new Date(sparedUntil) };
        const outcome = await send();
        if (outcome !== undefined) this.#learn(outcome);
        return outcome;
      } finally {
        this.#leave();
      }
    } finally {
      if (isProbe) this.#probing = false;
    }
  }

  #now(): number {
    return this.#clock.now();
  }

  /** Until when nothing is to be sent; half open, one message tries and the others wait for what it learns. */
  #sparedUntil(othersTry: boolean): number | undefined {
    const now = this.#now();
    if (this.#closedUntil > now) return this.#closedUntil;
    return this.#pauses > 0 && othersTry ? now + probeMilliseconds : undefined;
  }

  #slotTooLate(): number | undefined {
    return this.#nextSlot - this.#now() > longestWaitMilliseconds ? this.#nextSlot : undefined;
  }

  #takeSlot(): number {
    const { perSecond } = this.#limits;
    const slot = Math.max(this.#now(), this.#nextSlot);
    if (perSecond !== undefined) this.#nextSlot = slot + 1_000 / perSecond;
    return slot;
  }

  async #enter(): Promise<void> {
    if (this.#inFlight >= (this.#limits.concurrent ?? defaultConcurrent))
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#inFlight += 1;
  }

  #leave(): void {
    // Whoever waits takes over the place.
    const next = this.#queue.shift();
    if (next) next();
    else this.#inFlight -= 1;
  }

  #learn(outcome: SendOutcome): void {
    if (outcome.outcome === 'throttled') {
      const seconds = askedSeconds(outcome);
      if (seconds > 0) this.#closedUntil = Math.max(this.#closedUntil, this.#now() + seconds * 1_000);
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
    if (this.#closedUntil > this.#now()) return;
    const pause = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** this.#pauses);
    this.#pauses += 1;
    this.#closedUntil = this.#now() + pause;
  }
}
