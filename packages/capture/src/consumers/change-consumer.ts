import { InfratraqError } from '@infratraq/kernel';
import type { Change } from '../encoding/change.js';

/** Passed to a handler beside the changes. */
export interface ConsumerContext {
  /** Aborted when the consumer stops. Unfinished changes are delivered again. */
  readonly signal: AbortSignal;
}

/** Follows the changes of some tables. */
export interface ChangeConsumer {
  /** The key of its position, so it must not change. Lower-case letters, digits and hyphens. */
  readonly name: string;
  /** The tables (`entity_type`) that it follows; all when absent. GAPs of the whole log are always delivered. */
  readonly entityTypes?: readonly string[];
  /**
   * Where a new consumer begins: with the oldest stored change, or with those to come.
   * @default beginning
   */
  readonly startAt?: 'beginning' | 'now';
  /**
   * Maximum number of changes at a time.
   * @default 500
   */
  readonly maxChanges?: number;
  /**
   * Handles changes in commit order and resolves once the result is durable.
   *
   * After a crash or a replay the same changes come again, possibly after later ones; the handler must be idempotent.
   * @throws RejectedChangeError for a change that it will never accept; after any other error it is called again
   */
  handle(changes: Change[], context: ConsumerContext): Promise<void>;
}

/** A change that the consumer will never accept: it becomes a dead letter, and the consumer continues. */
export class RejectedChangeError extends InfratraqError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('capture.change-rejected', message, { status: 422, ...options });
  }
}

/** A change that a consumer rejected. */
export interface RejectedChange {
  readonly consumer: string;
  readonly change: Change;
  readonly error: unknown;
  /** How often it was delivered alone. */
  readonly attempts: number;
}

/** The field `target` of a consumer's dead letters. */
export const deadLetterTargetOf = (consumer: string): string => `consumer:${consumer}`;
