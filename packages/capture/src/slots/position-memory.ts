import type pg from 'pg';
import { CaptureSourceEndedError } from './slot-errors.js';
import { formatLsn } from '../pgoutput/lsn.js';

/** How often the position is remembered at most, in milliseconds. */
const intervalMilliseconds = 1_000;
/** Remembering makes log itself, so without changes it waits for this much log; an idle database is left alone. */
const idleLogBytes = 1n << 20n;

// Never to be lost in a crash of PostgreSQL, whatever the database is set to: the slot is told only afterwards.
const rememberPosition = `
  update infratraq.capture_position set confirmed_lsn = $2, confirmed_at = now()
  where source = $1 and ended_at is null and set_config('synchronous_commit', 'on', true) is not null`;

export interface PositionMemoryOptions {
  client: pg.ClientBase;
  source: string;
  /** What is remembered already. */
  remembered: bigint;
  /** Everything before `lsn` is remembered to be stored: the server may be told. */
  onRemembered: (lsn: bigint) => void;
  /** Remembering failed; nothing is remembered any more. */
  onFailed: (error: Error) => void;
}

/**
 * Remembers in PostgreSQL itself up to where everything is stored, before the server is told.
 *
 * So the slot's own position is never ahead of the remembered one, and a slot that is ahead has been made anew or
 * moved by hand. It works in the background: the stream never waits for it.
 */
export class PositionMemory {
  readonly #options: PositionMemoryOptions;
  #stored = 0n;
  #remembered: bigint;
  #changedSince = false;
  #savedAt = 0;
  #saving: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PositionMemoryOptions) {
    this.#options = options;
    this.#remembered = options.remembered;
  }

  /** Everything before `lsn` is stored; `changes` were written since the last time. */
  note(lsn: bigint, changes: number): void {
    this.#stored = lsn;
    this.#changedSince ||= changes > 0;
    this.#schedule();
  }

  /** Remembers what was noted last, and ends; what could not be remembered is sent and stored again. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#saving;
    this.#closed = true;
    if (this.#changedSince) await this.#save();
  }

  /** Ends without remembering what is left. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#closed = true;
  }

  #schedule(): void {
    const due = this.#changedSince || this.#stored - this.#remembered >= idleLogBytes;
    if (!due || this.#closed || this.#timer !== undefined || this.#saving !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#saving = this.#save().finally(() => {
          this.#saving = undefined;
          this.#schedule();
        });
      },
      Math.max(0, this.#savedAt + intervalMilliseconds - Date.now()),
    );
  }

  async #save(): Promise<void> {
    const { source } = this.#options;
    const lsn = this.#stored;
    this.#changedSince = false;
    try {
      const { rowCount } = await this.#options.client.query(rememberPosition, [source, formatLsn(lsn)]);
      if (rowCount === 0) throw new CaptureSourceEndedError(source);
    } catch (error) {
      this.#closed = true;
      this.#options.onFailed(error as Error);
      return;
    }
    this.#savedAt = Date.now();
    this.#remembered = lsn;
    this.#options.onRemembered(lsn);
  }
}
