import { assertAccess, type CollectionStates } from '@infratraq/kernel';
import type { PipelineStage, Schema } from 'mongoose';
import { isAdministrator } from './administrator.js';

/** Makes a schema's reads and writes obey its collection's state, in whatever process they run. */
export function guardLifecycle(schema: Schema, collection: string, states: CollectionStates): void {
  const assertIn = (name: string, access: 'read' | 'write') => assertState(name, access, states);
  const assertRead = () => assertIn(collection, 'read');
  const assertWrite = () => assertIn(collection, 'write');

  schema.pre(['find', 'findOne', 'countDocuments', 'estimatedDocumentCount', 'distinct'], assertRead);
  schema.pre(['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'], assertWrite);
  schema.pre(['updateMany', 'deleteMany', 'replaceOne'], assertWrite);
  schema.pre(['updateOne', 'deleteOne'], { query: true, document: true }, assertWrite);
  schema.pre('save', assertWrite);
  schema.pre('insertMany', assertWrite);
  schema.pre('bulkWrite', assertWrite);
  schema.pre('aggregate', function () {
    assertRead();
    for (const target of writtenBy(this.pipeline())) assertIn(target, 'write');
  });
}

/** @throws CollectionStateError when the collection's state does not admit the access */
export function assertState(collection: string, access: 'read' | 'write', states: CollectionStates): void {
  assertAccess(collection, states.stateOf(collection), isAdministrator() ? 'administer' : access);
}

function writtenBy(pipeline: PipelineStage[]): string[] {
  return pipeline.flatMap((stage) => {
    if ('$merge' in stage)
      return [nameOf(typeof stage.$merge === 'string' ? stage.$merge : stage.$merge.into)];
    if ('$out' in stage) return [nameOf(stage.$out)];
    return [];
  });
}

function nameOf(target: string | { coll: string }): string {
  return typeof target === 'string' ? target : target.coll;
}
