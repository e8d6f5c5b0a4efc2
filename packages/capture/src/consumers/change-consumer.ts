import { InfratraqError } from '@infratraq/kernel';
import type { Change } from '../encoding/change.js';

/** What a handler is told besides the changes. */
export interface ConsumerContext {
  /** Aborted when the consumer is to end; what is unfinished then is given again. */
  readonly signal: AbortSignal;
}

/** Somebody who wants to know of changes. */
export interface ChangeConsumer {
  /** Stable: its position is kept under it. Lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Which tables it takes, as changes name them (`entity_type`); all unless told. GAPs always come, too. */
  readonly entityTypes?: readonly string[];
  /** Where it begins when it is new: with the oldest change that is stored (unless told), or with those to come. */
  readonly startAt?: 'beginning' | 'now';
  /** Most changes at a time; 500 unless told. */
  readonly maxChanges?: number;
  /**
   * Handles changes in their order and resolves once that is durable.
   *
   * The same changes may come again, also after later ones (a crash, a replay): what it does must bear that.
   * @throws RejectedChangeError for a change that it can never take; anything else is tried again
   */
  handle(changes: Change[], context: ConsumerContext): Promise<void>;
}

/** A consumer can't take a change, and trying again won't help: it becomes a dead letter, and the consumer goes on. */
export class RejectedChangeError extends InfratraqError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('capture.change-rejected', message, { status: 422, ...options });
  }
}

/** A change that a consumer did not take. */
export interface RejectedChange {
  readonly consumer: string;
  readonly change: Change;
  readonly error: unknown;
  /** How often it was given to the consumer alone. */
  readonly attempts: number;
}

/** Whom dead letters of a consumer are addressed to (their field `target`). */
export const deadLetterTargetOf = (consumer: string): string => `consumer:${consumer}`;
