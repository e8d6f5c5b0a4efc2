import type { EventEmitter } from 'node:events';
import type { Connection } from 'mongoose';
import type { PostgresAddress } from '../leading/postgres-address.js';
import type { Capture } from '../leading/capture.js';
import type { ChangeConsumer, RejectedChange } from './change-consumer.js';

export type ConsumersOptions = ConsumersSettings & PostgresAddress;

export interface ConsumersSettings {
  /** Of the changelog's database. */
  connection: Connection;
  consumers: readonly ChangeConsumer[];
  /** Keeps a change that a consumer did not take; the consumer goes on once it resolves. Must bear repetition. */
  onRejected: (rejected: RejectedChange) => Promise<void>;
  /** Told when a change that was asked for again has been handled. */
  onReplayed?: (consumer: string, changeId: string) => Promise<void>;
  /** Capture in this process, if any: consumers then learn of changes at once. */
  capture?: Capture;
  /** As capture's; the default one unless told. */
  slot?: string;
  /** `entity_changelog` unless told. */
  collectionName?: string;
  /** How often a consumer looks for changes, and a waiting one for its turn, in milliseconds; 1000 unless told. */
  pollMilliseconds?: number;
  /** How often a change alone is tried before it is rejected; 5 unless told. */
  maxAttempts?: number;
}

export interface ConsumersEvents {
  /** Everything up to `position` is handled or rejected. */
  'consumer:advanced': [{ consumer: string; position: string; changes: number }];
  /** A change was not taken, and has been kept elsewhere. */
  'consumer:rejected': [RejectedChange];
  /** A fault; the same changes are given again after the delay. */
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
  /** Ends after what is under way; the next start goes on from there. */
  stop(): Promise<void>;
  status(): ConsumerStatus[];
}
