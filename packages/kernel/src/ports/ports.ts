import type { DocumentClass } from '../policy/collection.js';
import type { LifecycleState } from '../policy/lifecycle.js';

/** Records an event without making anybody wait; what cannot be stored becomes a dead letter. */
export interface EventRecorder {
  /**
   * Returns at once and never throws for reasons of the database. Answers whether the event was taken: false when neither
   * memory nor the journal has room for it, or nothing is taken any more. An event that is not valid is taken, as a dead
   * letter.
   */
  record<T extends object>(target: DocumentClass<T>, document: Partial<T>): boolean;
}

/** Tells the state of each collection, from a copy in memory that is kept up to date. */
export interface CollectionStates {
  stateOf(collection: string): LifecycleState;
}
