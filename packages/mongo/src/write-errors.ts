import { mongo } from 'mongoose';

/** MongoDB's code of a write that a unique index refused. */
export const duplicateKeyCode = 11_000;

/** Tells whether a write was refused because a unique index has its key already. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === duplicateKeyCode;
}

/** Passes over documents of an unordered bulk write that are stored already; any other error is thrown. */
export function acceptDuplicates(error: unknown): void {
  if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  // Mongoose copies these errors, and a copy has its code only within.
  const codes = errors.map(({ code, err }) => code ?? err.code);
  if (codes.length === 0 || codes.some((code) => code !== duplicateKeyCode)) throw error;
  if (error.result.getWriteConcernError() !== undefined) throw error;
}

/** Tells whether a write may succeed when it is tried again: the connection broke, or a primary stepped down. */
export function isTransient(error: unknown): boolean {
  if (error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoWriteConcernError) return true;
  if (!(error instanceof mongo.MongoError)) return false;
  if (isBrokenBulkWrite(error)) return true;
  return (
    error.hasErrorLabel(mongo.MongoErrorLabel.RetryableWriteError) ||
    (error instanceof mongo.MongoBulkWriteError && error.result.getWriteConcernError() !== undefined)
  );
}

/** The driver puts a connection that broke in the middle of a bulk write into an error without a code or a cause. */
function isBrokenBulkWrite(error: mongo.MongoError): boolean {
  return (
    error instanceof mongo.MongoBulkWriteError &&
    error.code === undefined &&
    [error.writeErrors].flat().length === 0
  );
}

// Server codes that speak of the server's state, never of the document (MongoDB's error_codes.yml).
const passingCodes = new Set([
  6, 7, 13, 18, 24, 43, 46, 50, 63, 64, 89, 91, 100, 112, 117, 133, 134, 189, 202, 225, 246, 251, 262, 314,
  317, 384, 391, 402, 9001, 10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031,
]);

// Server codes that speak of the document itself: bad or invalid value, overflow, nesting, size, key.
const documentCodes = new Set([2, 14, 15, 22, 121, duplicateKeyCode, 10_334, 17_280, 17_419, 17_420]);

/**
 * Tells whether a fault has to do with the server, the network or a permission, so that the same documents may be
 * accepted later; every other fault lies in a document.
 */
export function isPassingFault(error: unknown): boolean {
  if (error instanceof mongo.MongoInvalidArgumentError || error instanceof mongo.BSON.BSONError) return false;
  if (error instanceof mongo.MongoServerError)
    return (
      isPassingCode(error.code) || error.hasErrorLabel('RetryableWriteError') || isBrokenBulkWrite(error)
    );
  return true;
}

/** The same for the code of one document's write error. */
export function isPassingCode(code: unknown): boolean {
  return typeof code === 'number' && passingCodes.has(code);
}

/** Tells whether a command failed for what a document holds, at the server or while it was encoded. */
export function isDocumentFault(error: unknown): boolean {
  if (error instanceof mongo.MongoServerError) return isDocumentCode(error.code);
  return (
    error instanceof mongo.MongoInvalidArgumentError ||
    error instanceof mongo.BSON.BSONError ||
    // What Node answers when a value doesn't fit into the buffer that a command is written into.
    (error as NodeJS.ErrnoException).code === 'ERR_OUT_OF_RANGE'
  );
}

/** The same for the code of one document's write error. */
export function isDocumentCode(code: unknown): boolean {
  return typeof code === 'number' && documentCodes.has(code);
}
