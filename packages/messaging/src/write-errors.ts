import { mongo } from 'mongoose';

/** Tells whether a write was refused because a unique index has its key already. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11_000;
}

/** Tells whether a write may succeed when it is tried again: the connection broke, or a primary stepped down. */
export function isTransient(error: unknown): boolean {
  if (error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoWriteConcernError) return true;
  if (!(error instanceof mongo.MongoError)) return false;
  return (
    error.hasErrorLabel(mongo.MongoErrorLabel.RetryableWriteError) ||
    (error instanceof mongo.MongoBulkWriteError && error.result.getWriteConcernError() !== undefined)
  );
}
