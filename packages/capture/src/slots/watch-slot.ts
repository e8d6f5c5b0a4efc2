import { EventEmitter } from 'node:events';
import { repeat, type Repetition } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';
import type { CaptureNames } from './capture-names.js';
import { parseLsn } from '../pgoutput/lsn.js';
import { noticeDifferences } from '../preparation/notice-differences.js';
import { describeSlot, type SlotDescription } from './describe-slot.js';

/** Limits beyond which capture counts as lagging. */
export interface SlotLimits {
  /**
   * Log that is not stored yet.
   * @default 256 MiB
   */
  lagBytes: number;
  /**
   * Age of the oldest log that is not stored yet.
   * @default 60
   */
  lagSeconds: number;
  /**
   * Log that PostgreSQL must still be able to write before it invalidates the slot.
   * @default 1 GiB
   */
  safeBytes: number;
}

/** One reading of the slot. */
export interface SlotReading extends SlotDescription {
  /** Age of the oldest log that is not stored yet, counted from when it was first seen. */
  lag_seconds: number;
  /** The exceeded limits, in words; empty when there are none. */
  reasons: string[];
}

export interface SlotWatchEvents {
  /** The first reading that exceeds a limit, and later ones that exceed others. */
  'capture:lagging': [SlotReading];
  /** The first reading after that which exceeds none. */
  'capture:recovered': [SlotReading];
  /** PostgreSQL did not answer; the next reading follows all the same. */
  'watch:failed': [{ error: unknown }];
}

/** Watches a slot until it is stopped. */
export interface SlotWatch extends EventEmitter<SlotWatchEvents> {
  /** The last reading; undefined before the first. */
  reading(): SlotReading | undefined;
  /** Stops; resolves once the last reading has ended. */
  stop(): Promise<void>;
}

export interface WatchSlotOptions extends Partial<CaptureNames> {
  /**
   * Interval of readings.
   * @default 15_000
   */
  intervalMilliseconds?: number;
  limits?: Partial<SlotLimits>;
}

/** How often to look for what was done to tables and the publication while their event triggers were off. */
const noticeMilliseconds = 60_000;

/** Log that an idle capture leaves unconfirmed; it does not count as lag. */
const idleBytes = 2 << 20;

/**
 * Watches the lag of capture and how much log PostgreSQL still keeps for it, and emits when limits are exceeded and when
 * no longer. It is independent of capture, so that it also reports a capture that is down. Once a minute it tells the
 * trail what was done to tables and the publication while the event triggers were off.
 */
export function watchSlot(postgres: Postgres, options: WatchSlotOptions = {}): SlotWatch {
  return new Watch(postgres, options);
}

class Watch extends EventEmitter<SlotWatchEvents> implements SlotWatch {
  readonly #options: WatchSlotOptions;
  #last: SlotReading | undefined;
  #told = '';
  #noticedAt = 0;
  readonly #repetition: Repetition;
  /** Where PostgreSQL wrote at times before, oldest first. */
  #marks: { lsn: bigint; at: number }[] = [];

  constructor(postgres: Postgres, options: WatchSlotOptions) {
    super();
    this.#options = options;
    const read = async () => {
      this.#judge(await describeSlot(postgres, options));
      if (Date.now() - this.#noticedAt < noticeMilliseconds) return;
      this.#noticedAt = Date.now();
      await noticeDifferences(postgres.pool);
    };
    this.#repetition = repeat(read, {
      everyMilliseconds: options.intervalMilliseconds ?? 15_000,
      atOnce: true,
      onError: (error) => this.emit('watch:failed', { error }),
    });
  }

  reading(): SlotReading | undefined {
    return this.#last;
  }

  stop(): Promise<void> {
    return this.#repetition.stop();
  }

  #judge(description: SlotDescription): void {
    const lag_seconds = this.#measureAge(description);
    const reasons = findReasons(description, lag_seconds, this.#options.limits ?? {});
    const reading = { ...description, lag_seconds, reasons: reasons.map(({ text }) => text) };
    const passed = reasons.map(({ limit }) => limit).join();
    const before = this.#told;
    this.#last = reading;
    this.#told = passed;
    if (passed === before) return;
    if (passed === '') this.emit('capture:recovered', reading);
    else this.emit('capture:lagging', reading);
  }

  /** The time since PostgreSQL wrote what is now the oldest that is not stored. */
  #measureAge({ current_lsn, lag_bytes }: SlotDescription): number {
    const current = parseLsn(current_lsn);
    const stored = current - BigInt(lag_bytes);
    const now = Date.now();
    if (this.#marks.at(-1)?.lsn !== current) this.#marks.push({ lsn: current, at: now });
    this.#marks = this.#marks.filter(({ lsn }) => lsn > stored);
    const [oldest] = this.#marks;
    return lag_bytes <= idleBytes || oldest === undefined ? 0 : (now - oldest.at) / 1000;
  }
}

interface Reason {
  limit: string;
  text: string;
}

function findReasons(
  { source, exists, wal_status, invalidation_reason, lag_bytes, safe_bytes }: SlotDescription,
  lagSeconds: number,
  { lagBytes = 256 << 20, lagSeconds: mostSeconds = 60, safeBytes = 1 << 30 }: Partial<SlotLimits>,
): Reason[] {
  const reasons: Reason[] = [];
  const when = (condition: boolean, limit: string, text: string) =>
    condition && reasons.push({ limit, text });
  when(source !== null && !exists, 'gone', 'the replication slot does not exist any more');
  when(
    wal_status === 'lost',
    'lost',
    `PostgreSQL has given the slot up (${invalidation_reason ?? 'log removed'})`,
  );
  when(wal_status === 'unreserved', 'unreserved', 'PostgreSQL is about to remove log that the slot needs');
  when(lag_bytes > lagBytes, 'bytes', `${lag_bytes} bytes of log are not stored yet`);
  when(
    lagSeconds > mostSeconds,
    'seconds',
    `the oldest log that is not stored is ${Math.round(lagSeconds)} s old`,
  );
  when(
    safe_bytes !== null && safe_bytes < safeBytes && wal_status !== 'lost',
    'retention',
    `PostgreSQL gives the slot up after ${safe_bytes} more bytes of log (max_slot_wal_keep_size)`,
  );
  return reasons;
}
