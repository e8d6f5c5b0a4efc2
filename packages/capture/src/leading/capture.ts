import type { EventEmitter } from 'node:events';
import type { ReportError } from '@infratraq/kernel';
import type { CaptureNames } from '../slots/capture-names.js';
import type { CaptureNotPreparedError, CaptureSlotLostError } from '../slots/slot-errors.js';
import type { PostgresAddress } from './postgres-address.js';
import type { ChangeSink } from '../sinks/change-sink.js';

/** Where lines for operators go; a pino logger fits. */
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
