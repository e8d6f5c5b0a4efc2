/** The bounds within which a pace adapts. */
export interface PaceLimits {
  readonly maximumBatch: number;
  readonly maximumLingerMilliseconds: number;
}

const smallestBatch = 100;
const firstBatch = 1_000;
const step = 1.5;
const batchesPerTrial = 4;
const smallestLinger = 1;

/**
 * Decides how many events go into one insert and how long a batch waits for more.
 *
 * The size climbs as long as time per event falls and turns round when it rises. The wait grows while it gathers
 * something and shrinks to a millisecond when hardly anything comes: an idle collection's event is stored at once.
 */
export class BatchPace {
  readonly #limits: PaceLimits;
  #size: number;
  #linger: number;
  #grows = true;
  #trial = { batches: 0, events: 0, milliseconds: 0 };
  #lastCost = Number.POSITIVE_INFINITY;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
    this.#size = Math.min(firstBatch, limits.maximumBatch);
    this.#linger = Math.min(smallestLinger, limits.maximumLingerMilliseconds);
  }

  get batchSize(): number {
    return this.#size;
  }

  get lingerMilliseconds(): number {
    return this.#linger;
  }

  /** Learns from a batch that waited: how many events the wait brought together. */
  observeLinger(gathered: number): void {
    if (gathered >= 16) this.#linger = Math.min(this.#linger * 2, this.#limits.maximumLingerMilliseconds);
    else if (gathered <= 2) this.#linger = Math.min(smallestLinger, this.#limits.maximumLingerMilliseconds);
  }

  /** Learns from a batch of full size. */
  observeWrite(events: number, milliseconds: number): void {
    const trial = this.#trial;
    trial.batches += 1;
    trial.events += events;
    trial.milliseconds += milliseconds;
    if (trial.batches < batchesPerTrial) return;
    const cost = trial.milliseconds / trial.events;
    if (cost > this.#lastCost) this.#grows = !this.#grows;
    this.#lastCost = cost;
    this.#trial = { batches: 0, events: 0, milliseconds: 0 };
    const next = Math.round(this.#grows ? this.#size * step : this.#size / step);
    this.#size = Math.max(
      Math.min(smallestBatch, this.#limits.maximumBatch),
      Math.min(next, this.#limits.maximumBatch),
    );
  }
}
