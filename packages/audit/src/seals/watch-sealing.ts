import { EventEmitter } from 'node:events';
import { repeat, type Repetition } from '@infratraq/kernel';
import { measureSealing, type SealingReading, type SealingTrail } from './measure-sealing.js';

export interface SealingWatchEvents {
  /** Every reading. */
  'sealing:measured': [SealingReading];
  /** The first reading of a change that waits too long for its seal. */
  'sealing:stalled': [SealingReading];
  /** The first reading since then without one. */
  'sealing:recovered': [SealingReading];
  /** A database did not answer; it is asked again. */
  'watch:failed': [{ error: unknown }];
}

/** Watches sealing until it is stopped. */
export interface SealingWatch extends EventEmitter<SealingWatchEvents> {
  /** The last reading; undefined before the first. */
  reading(): SealingReading | undefined;
  /** Resolves once the databases are not asked any more. */
  stop(): Promise<void>;
}

export interface WatchSealingOptions extends SealingTrail {
  /**
   * How often to measure, in milliseconds.
   * @default 15_000
   */
  readonly intervalMilliseconds?: number;
  /**
   * How long a change may wait, in seconds.
   * @default {@link lateSeconds}
   */
  readonly lateSeconds?: number;
}

/** How long a change may wait for its seal, in seconds, where nothing else is said. */
export const lateSeconds = 600;

/**
 * Watches how long changes wait for a seal, and tells when that is too long and when no longer. It runs besides the
 * sealer and asks the databases, so that it also tells when no process seals any more.
 */
export function watchSealing(options: WatchSealingOptions): SealingWatch {
  return new Watch(options);
}

class Watch extends EventEmitter<SealingWatchEvents> implements SealingWatch {
  readonly #options: WatchSealingOptions;
  #last: SealingReading | undefined;
  #stalled = false;
  readonly #repetition: Repetition;

  constructor(options: WatchSealingOptions) {
    super();
    this.#options = options;
    this.#repetition = repeat(async () => this.#judge(await measureSealing(options)), {
      everyMilliseconds: options.intervalMilliseconds ?? 15_000,
      atOnce: true,
      onError: (error) => this.emit('watch:failed', { error }),
    });
  }

  reading(): SealingReading | undefined {
    return this.#last;
  }

  stop(): Promise<void> {
    return this.#repetition.stop();
  }

  #judge(reading: SealingReading): void {
    const stalled = reading.unsealed_seconds > (this.#options.lateSeconds ?? lateSeconds);
    const before = this.#stalled;
    this.#last = reading;
    this.#stalled = stalled;
    this.emit('sealing:measured', reading);
    if (stalled === before) return;
    this.emit(stalled ? 'sealing:stalled' : 'sealing:recovered', reading);
  }
}
