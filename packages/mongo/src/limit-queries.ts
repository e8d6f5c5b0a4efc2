import { currentActor } from '@infratraq/kernel';
import type { Schema } from 'mongoose';

/** How long MongoDB may take to answer a query (`maxTimeMS`). */
export interface QueryLimits {
  /**
   * Within an actor's context: somebody waits for the answer.
   * @default 30_000
   */
  readonly askedMilliseconds: number;
  /**
   * Outside of it: consumers, jobs and other work in the background.
   * @default 600_000
   */
  readonly backgroundMilliseconds: number;
}

const defaultLimits: QueryLimits = { askedMilliseconds: 30_000, backgroundMilliseconds: 600_000 };

/** Has MongoDB end each query of a schema that takes too long, unless the query states a limit of its own. */
export function limitQueries(schema: Schema, given: Partial<QueryLimits> = {}): void {
  const limits = { ...defaultLimits, ...given };
  const choose = (): number =>
    currentActor() === undefined ? limits.backgroundMilliseconds : limits.askedMilliseconds;
  schema.pre(['find', 'findOne', 'countDocuments', 'estimatedDocumentCount', 'distinct'], function () {
    if (this.getOptions().maxTimeMS === undefined) this.maxTimeMS(choose());
  });
  schema.pre('aggregate', function () {
    if (this.options.maxTimeMS === undefined) this.option({ maxTimeMS: choose() });
  });
}
