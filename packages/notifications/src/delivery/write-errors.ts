import { mongo } from 'mongoose';

const duplicateKey = 11_000;

/** Passes over documents that are stored already; any other error of the bulk is thrown. */
export function acceptDuplicates(error: unknown): void {
  if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  // Mongoose copies these errors, and a copy has its code only within.
  const codes = errors.map(({ code, err }) => code ?? err.code);
  if (codes.length === 0 || codes.some((code) => code !== duplicateKey)) throw error;
  if (error.result.getWriteConcernError() !== undefined) throw error;
}
