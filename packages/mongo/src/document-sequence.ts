import { createRequire } from 'node:module';
import { mongo } from 'mongoose';

/** The driver's own way to send documents that are BSON already. */
export interface DocumentSequence {
  push(document: mongo.Document, bytes: Uint8Array): number;
}
type DocumentSequenceClass = new (field: string) => DocumentSequence;

/**
 * Finds the driver's document sequence, which it uses for its own bulk writes and does not export; undefined when this
 * driver has none, and then documents are decoded and sent as objects, at twice the cost.
 */
export function findDocumentSequence(): DocumentSequenceClass | undefined {
  try {
    const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'));
    const driver = ofMongoose('mongodb') as typeof mongo;
    if (driver.MongoClient !== mongo.MongoClient) return undefined;
    const { DocumentSequence: found } = ofMongoose('mongodb/lib/cmap/commands') as {
      DocumentSequence?: DocumentSequenceClass;
    };
    return typeof found?.prototype.push === 'function' ? found : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.includes('NOT_')) return undefined;
    throw error;
  }
}
