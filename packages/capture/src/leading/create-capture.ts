import { EventEmitter } from 'node:events';
import type { InfratraqError } from '@infratraq/kernel';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import type { Capture, CaptureEvents, CaptureOptions, CaptureStatus } from './capture.js';
import { CaptureNotPreparedError, CaptureSlotLostError } from '../slots/slot-errors.js';
import { BackOff, waitUnlessAborted } from './back-off.js';
import { addressOf } from './postgres-address.js';
import { leadCapture } from './lead-capture.js';
import { streamChanges } from '../streaming/stream-changes.js';
import { UnsendableTransactions } from '../streaming/unsendable-transactions.js';

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
  readonly #unsendable = new UnsendableTransactions();
  #current: CaptureStatus = { state: 'stopped', storedLsn: undefined, changes: 0 };
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: CaptureOptions) {
    super();
    this.#options = options;
    this.#names = resolveCaptureNames(addressOf(options), options);
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
    const { connection } = addressOf(this.#options);
    const { sink, leaderPollMilliseconds = 1_000 } = this.#options;
    const { maxSilenceMilliseconds = 30_000 } = this.#options;
    const { maxBatchChanges = 2_000, maxBatchBytes = 1 << 20 } = this.#options;
    return leadCapture({
      connection,
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
          connection,
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
          unsendable: this.#unsendable,
          onOddity: (error) => this.#tell(error),
        }),
    });
  }

  #retry(error: unknown, delayMilliseconds: number): void {
    this.#options.log?.warn({ err: error, delayMilliseconds }, 'capture will try again');
    this.#options.onError?.(error, 'capturing changes; it is tried again');
    this.emit('capture:retrying', { error, delayMilliseconds });
  }

  #tell(error: InfratraqError): void {
    this.#options.log?.warn({ err: error }, 'capture goes on, and has met something odd');
    this.#options.onError?.(error, 'capturing changes; capture goes on');
  }

  #fail(error: CaptureSlotLostError | CaptureNotPreparedError): void {
    this.#current.state = 'failed';
    this.#options.log?.error({ err: error }, 'capture has ended; an operator must resolve this');
    this.#options.onError?.(error, 'capturing changes; capture has ended');
    this.emit('capture:failed', { error });
  }
}
