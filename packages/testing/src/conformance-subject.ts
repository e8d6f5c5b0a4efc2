import type { CollectionDefinition } from '@infratraq/kernel';
import type { Model } from 'mongoose';
import type { BoundModels } from './use-models.js';

/** A document of whatever class. */
export type AnyDocument = Record<string, unknown>;

/** One collection under the conformance suite. */
export interface ConformanceSubject {
  readonly definition: CollectionDefinition;
  /** A fresh complete document. */
  readonly example: () => AnyDocument;
  /** What the package exports. */
  readonly namespace: Readonly<Record<string, unknown>>;
  readonly database: BoundModels;
}

/** The subject's model, without the type of its documents. */
export function modelOf({ database, definition }: ConformanceSubject): Model<AnyDocument> {
  return database.models.of(definition.class) as unknown as Model<AnyDocument>;
}
