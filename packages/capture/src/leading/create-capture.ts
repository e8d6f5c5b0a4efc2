import { EventEmitter } from 'node:events';
import { resolveCaptureNames, type CaptureNames } from '../scope/is-captured.js';
import type { ChangeSink } from '../encoding/change.js';
import { CaptureNotPreparedError, CaptureSlotLostError } from '../slots/slot-errors.js';
import { BackOff, waitUnlessAborted } from './back-off.js';
import { leadCapture } from './lead-capture.js';
import { streamChanges } from '../streaming/stream-changes.js';

/** Where lines for operators go; a pino logger fits. */
export interface CaptureLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface CaptureOptions extends Partial<CaptureNames> {
  /** Of a role that may replicate. */
  postgresUrl: string;
  sink: ChangeSink;
  log?: CaptureLog;
  /** Told of every fault, those included that are retried. */
  onError?: (error: unknown) => void;
  /** Most changes of one write; 2000 unless told. */
  maxBatchChanges?: number;
  /** Most bytes of one write, give or take its last change; 1 MiB unless told. As much again waits behind it. */
  maxBatchBytes?: number;
  /**
   * A database that does not answer for so long counts as lost, and is connected to anew; 30,000 unless told. How long
   * the sink waits for its own is the sink's to say.
   */
  maxSilenceMilliseconds?: number;
  /** How often a follower asks whether the leader is gone, in milliseconds; 1000 unless told. */
  leaderPollMilliseconds?: number;
}

export interface CaptureEvents {
  /** This process leads and streams. */
  'capture:started': [{ slot: string }];
  /** Another process leads; this one waits to take over. */
  'capture:waiting': [{ slot: string }];
  /** Everything before `lsn` is stored; `changes` were written since the last time (0 when nothing was for us). */
  'capture:advanced': [{ lsn: string; changes: number }];
  /** A fault; it is tried again after the delay. */
  'capture:retrying': [{ error: unknown; delayMilliseconds: number }];
  /** A fault that needs a person: capture has ended. */
  'capture:failed': [{ error: CaptureSlotLostError | CaptureNotPreparedError }];
  'capture:stopped': [];
}

export interface CaptureStatus {
  state: 'stopped' | 'waiting' | 'connecting' | 'leading' | 'failed';
  /** Everything before it is stored; undefined until this process has stored something. */
  storedLsn: string | undefined;
  /** Changes that this process has stored. */
  changes: number;
}

/** Change capture of one database; see `createCapture`. */
export interface Capture extends EventEmitter<CaptureEvents> {
  /** Begins to lead or to wait for that, in the background; faults are retried. */
  start(): void;
  /** Finishes the write that is under way, confirms it and closes; the next start goes on from there. */
  stop(): Promise<void>;
  status(): CaptureStatus;
}

/**
 * Captures every change of a prepared database into a sink: each exactly once, in commit order.
 *
 * Run it in as many processes as you like: one leads, the others wait.
 * @example
 * await prepareCapture(postgres);
 * const capture = createCapture({ postgresUrl, sink: createMongoChangeSink(connection) });
 * capture.start();
 */
export function createCapture(options: CaptureOptions): Capture {
  return new CaptureRunner(options);
}

class CaptureRunner extends EventEmitter<CaptureEvents> implements Capture {
  readonly #options: CaptureOptions;
  readonly #names: CaptureNames;
  #current: CaptureStatus = { state: 'stopped', storedLsn: undefined, changes: 0 };
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: CaptureOptions) {
    super();
    this.#options = options;
    this.#names = resolveCaptureNames(options);
  }

  status(): CaptureStatus {
    return { ...this.#current };
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff();
    this.#current.state = 'connecting';
    while (!signal.aborted) {
      try {
        await this.#lead(signal, backOff);
      } catch (error) {
        if (error instanceof CaptureSlotLostError || error instanceof CaptureNotPreparedError) {
          this.#fail(error);
          return;
        }
        if (signal.aborted) break;
        this.#current.state = 'connecting';
        const delay = backOff.next();
        this.#retry(error, delay);
        await waitUnlessAborted(delay, signal);
      }
    }
    this.#current.state = 'stopped';
    this.#options.log?.info({ slot: this.#names.slot }, 'capture stopped');
    this.emit('capture:stopped');
  }

  #lead(signal: AbortSignal, backOff: BackOff): Promise<void> {
    const { postgresUrl, sink, leaderPollMilliseconds = 1_000 } = this.#options;
    const { maxSilenceMilliseconds = 30_000 } = this.#options;
    const { maxBatchChanges = 2_000, maxBatchBytes = 1 << 20 } = this.#options;
    return leadCapture({
      postgresUrl,
      slot: this.#names.slot,
      signal,
      maxSilenceMilliseconds,
      pollMilliseconds: leaderPollMilliseconds,
      onWaiting: () => {
        this.#current.state = 'waiting';
        this.emit('capture:waiting', { slot: this.#names.slot });
      },
      lead: (leadership) =>
        streamChanges({
          ...this.#names,
          ...leadership,
          postgresUrl,
          sink,
          maxBatchChanges,
          maxBatchBytes,
          maxSilenceMilliseconds,
          onStarted: () => {
            backOff.reset();
            this.#current.state = 'leading';
            this.#options.log?.info({ slot: this.#names.slot }, 'capture started');
            this.emit('capture:started', { slot: this.#names.slot });
          },
          onStored: (lsn, changes) => {
            this.#current.storedLsn = lsn;
            this.#current.changes += changes;
            this.emit('capture:advanced', { lsn, changes });
          },
          onRetry: (error, delay) => this.#retry(error, delay),
        }),
    });
  }

  #retry(error: unknown, delayMilliseconds: number): void {
    this.#options.log?.warn({ err: error, delayMilliseconds }, 'capture will try again');
    this.#options.onError?.(error);
    this.emit('capture:retrying', { error, delayMilliseconds });
  }

  #fail(error: CaptureSlotLostError | CaptureNotPreparedError): void {
    this.#current.state = 'failed';
    this.#options.log?.error({ err: error }, 'capture ended; it needs a person');
    this.#options.onError?.(error);
    this.emit('capture:failed', { error });
  }
}
