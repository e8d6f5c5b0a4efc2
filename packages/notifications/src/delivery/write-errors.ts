import { mongo } from 'mongoose';

const duplicateKey = 11_000;

/** Passes over documents that are stored already; any other error of the bulk is thrown. */
export function acceptDuplicates(error: unknown): void {
  if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  if (errors.length === 0 || errors.some(({ code }) => code !== duplicateKey)) throw error;
  if (error.result.getWriteConcernError() !== undefined) throw error;
}
