import { mongo } from 'mongoose';

// Server codes that speak of the server's state, never of the document (MongoDB's error_codes.yml).
const passingCodes = new Set([
  6, 7, 13, 18, 24, 43, 46, 50, 63, 64, 89, 91, 100, 112, 117, 133, 134, 189, 202, 225, 246, 251, 262, 314,
  317, 384, 391, 402, 9001, 10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031,
]);

/**
 * Tells whether a fault has to do with the server, the network or a permission, so that the same documents may be
 * accepted later; every other fault lies in a document.
 */
export function isPassingFault(error: unknown): boolean {
  if (error instanceof mongo.MongoInvalidArgumentError || error instanceof mongo.BSON.BSONError) return false;
  if (error instanceof mongo.MongoServerError)
    return isPassingCode(error.code) || error.hasErrorLabel('RetryableWriteError');
  return true;
}

/** The same for the code of one document's write error. */
export function isPassingCode(code: unknown): boolean {
  return typeof code === 'number' && passingCodes.has(code);
}
