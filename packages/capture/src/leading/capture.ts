import type { EventEmitter } from 'node:events';
import type { ReportError } from '@infratraq/kernel';
import type { CaptureNames } from '../slots/capture-names.js';
import type { CaptureNotPreparedError, CaptureSlotLostError } from '../slots/slot-errors.js';
import type { PostgresAddress } from './postgres-address.js';
import type { ChangeSink } from '../sinks/change-sink.js';

/** Log for operators; a pino logger fits. */
export interface CaptureLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type CaptureOptions = CaptureSettings & PostgresAddress;

export interface CaptureSettings extends Partial<CaptureNames> {
  sink: ChangeSink;
  log?: CaptureLog;
  /** Told of every fault, those included that are retried. */
  onError?: ReportError;
  /**
   * Maximum number of changes in one write.
   * @default 2_000
   */
  maxBatchChanges?: number;
  /**
   * Maximum bytes in one write, give or take its last change. As much again waits behind it.
   * @default 1 MiB
   */
  maxBatchBytes?: number;
  /**
   * PostgreSQL counts as lost after so long without an answer, and capture connects again. The sink has a limit of its
   * own.
   * @default 30_000
   */
  maxSilenceMilliseconds?: number;
  /**
   * How often a follower checks whether the leader is gone.
   * @default 1_000
   */
  leaderPollMilliseconds?: number;
}

export interface CaptureEvents {
  /** This process leads and streams. */
  'capture:started': [{ slot: string }];
  /** Another process leads; this one waits to take over. */
  'capture:waiting': [{ slot: string }];
  /** Everything before `lsn` is stored. `changes` counts those written since the last event; it may be 0. */
  'capture:advanced': [{ lsn: string; changes: number }];
  /** A fault. Capture tries again after the delay. */
  'capture:retrying': [{ error: unknown; delayMilliseconds: number }];
  /** Capture has ended with a fault that an operator must resolve. */
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
  /** Starts in the background: leads, or waits to take over. Faults are retried. */
  start(): void;
  /** Finishes the current write, confirms it and closes. The next start continues from there. */
  stop(): Promise<void>;
  status(): CaptureStatus;
}
