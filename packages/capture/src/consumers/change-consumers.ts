import type { EventEmitter } from 'node:events';
import type { Connection } from 'mongoose';
import type { PostgresAddress } from '../leading/postgres-address.js';
import type { Capture } from '../leading/capture.js';
import type { ChangeConsumer, RejectedChange } from './change-consumer.js';

export type ConsumersOptions = ConsumersSettings & PostgresAddress;

export interface ConsumersSettings {
  /** Connection to the changelog's database. */
  connection: Connection;
  consumers: readonly ChangeConsumer[];
  /** Keeps a change that a consumer rejected; the consumer continues once it resolves. May be called again for the same change. */
  onRejected: (rejected: RejectedChange) => Promise<void>;
  /** Called after a requested replay of a change was handled. */
  onReplayed?: (consumer: string, changeId: string) => Promise<void>;
  /** Capture in this process; with it, consumers learn of changes at once instead of by polling. */
  capture?: Capture;
  /**
   * The slot of capture.
   * @default infratraq_<database>
   */
  slot?: string;
  /** @default entity_changelog */
  collectionName?: string;
  /**
   * How often a consumer looks for changes, and a waiting one for its turn.
   * @default 1_000
   */
  pollMilliseconds?: number;
  /**
   * Attempts with a single change before it is rejected.
   * @default 5
   */
  maxAttempts?: number;
}

export interface ConsumersEvents {
  /** Everything up to `position` is handled or rejected. */
  'consumer:advanced': [{ consumer: string; position: string; changes: number }];
  /** A change was rejected, and `onRejected` has kept it. */
  'consumer:rejected': [RejectedChange];
  /** A fault. The same changes are delivered again after the delay. */
  'consumer:retrying': [{ consumer: string; error: unknown; delayMilliseconds: number }];
}

/** `waiting`: another process has this consumer. */
export type ConsumerState = 'stopped' | 'connecting' | 'waiting' | 'active' | 'retrying';

export interface ConsumerStatus {
  name: string;
  state: ConsumerState;
  /** Undefined until this process has had the consumer. */
  position: string | undefined;
  /** Changes that this process has handled. */
  handled: number;
  /** Changes that this process has rejected. */
  rejected: number;
}

/** Consumers of the changelog; see `createConsumers`. */
export interface ChangeConsumers extends EventEmitter<ConsumersEvents> {
  /** Begins in the background. */
  start(): void;
  /** Stops after the current handlers. The next start continues from there. */
  stop(): Promise<void>;
  status(): ConsumerStatus[];
}
