import { InfratraqError, InvalidInputError } from '@infratraq/kernel';

/** What libraries tell of a fault, whichever of them made it. */
interface LibraryError extends Error {
  readonly code?: unknown;
  readonly errorLabelSet?: ReadonlySet<string>;
  readonly $fault?: unknown;
  readonly writeErrors?: unknown;
}

type Fault = 'unavailable' | 'timeout' | 'contended' | 'storage';

const deepestCause = 5;

/** PostgreSQL's classes of faults (SQLSTATE). */
const postgresFaults: readonly (readonly [RegExp, Fault])[] = [
  // Connections, resources, operators who intervene (start, shutdown, failover), the file system, a standby.
  [/^(08...|53...|57P0[1-5]|58...|25006|25P0[34])$/, 'unavailable'],
  [/^57014$/, 'timeout'],
  [/^(55P03|40001|40P01|40003)$/, 'contended'],
];
/** A value that no column could hold. */
const dataException = /^22...$/;

const networkFaults =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EAI_AGAIN|ENOTFOUND)$/;
/** What node-postgres, Mongoose and ioredis say without a code. */
const saidWithoutCode = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect$/,
  /^timeout expired$/,
  /^Client has encountered a connection error/,
  /^Client was closed and is not queryable/,
  /^Cannot use a pool after calling end/,
  /buffering timed out after/,
  /^Stream isn't writeable and enableOfflineQueue/,
  /^Connection is closed\.$/,
];
const unavailableNames =
  /^(Mongo(ose)?ServerSelection|MongoNetwork|MongoNetworkTimeout|MongoPoolCleared|PoolClearedOnNetwork|MongoPoolClosed|MongoWaitQueueTimeout|MongoTopologyClosed|MongoNotConnected|MongoClientClosed|MongoExpiredSession|MongoStalePrimary|MongoServerClosed|MongoWriteConcern|MaxRetriesPerRequest)Error$/;

/** MongoDB's codes of a server that is not the primary, starts, stops, or reaches no majority. */
const unavailableCodes = new Set([
  6, 7, 43, 63, 64, 89, 91, 100, 133, 134, 150, 189, 202, 234, 237, 262, 317, 358, 384, 402, 462, 9001, 10058,
  10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031,
]);
const timeoutCodes = new Set([50, 24]);
const contendedCodes = new Set([46, 112, 225, 246, 251]);
const passingLabels = ['RetryableWriteError', 'TransientTransactionError', 'RetryableError'];

const answers: Readonly<Record<Fault, { code: string; message: string; retryAfterMilliseconds: number }>> = {
  unavailable: {
    code: 'database.unavailable',
    message: 'A database does not answer at the moment; try again',
    retryAfterMilliseconds: 1_000,
  },
  timeout: {
    code: 'database.timeout',
    message: 'A database has not answered in time; try again, or ask for less',
    retryAfterMilliseconds: 1_000,
  },
  contended: {
    code: 'database.contended',
    message: 'Others were changing the same at that moment; try again',
    retryAfterMilliseconds: 1_000,
  },
  storage: {
    code: 'objects.unavailable',
    message: 'The storage of files does not answer at the moment; try again',
    retryAfterMilliseconds: 1_000,
  },
};

/**
 * Recognises what a library throws because a database or a storage is away, and what a database refuses because of the
 * caller's values. Undefined for any other error; errors of this product that say more than 500 are what they say.
 */
export function recognizeFault(error: unknown): InfratraqError | undefined {
  let at = error;
  for (let depth = 0; isError(at) && depth < deepestCause; depth += 1, at = at.cause) {
    if (at instanceof InfratraqError && at.status !== 500) return at === error ? undefined : at;
    const known = recognize(at);
    if (known) return known;
  }
  return undefined;
}

/** Errors of Node's own modules are no instances of a test's own `Error`. */
function isError(value: unknown): value is LibraryError {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}

function recognize(error: LibraryError): InfratraqError | undefined {
  const { code, name, message } = error;
  if (name === 'ValidationError' || name === 'CastError' || name === 'StrictModeError')
    return new InvalidInputError(message, { cause: error });
  if (typeof code === 'string' && dataException.test(code))
    return new InvalidInputError(`A value cannot be stored: ${message}`, { cause: error });
  const fault = faultOf(error);
  if (!fault) return undefined;
  const { code: known, message: said, retryAfterMilliseconds } = answers[fault];
  return new InfratraqError(known, said, { status: 503, cause: error, retryAfterMilliseconds });
}

function faultOf({
  code,
  name,
  message,
  errorLabelSet,
  $fault,
  writeErrors,
}: LibraryError): Fault | undefined {
  if (typeof code === 'string') {
    if (networkFaults.test(code)) return 'unavailable';
    const postgres = postgresFaults.find(([pattern]) => pattern.test(code));
    if (postgres) return postgres[1];
  }
  if (name === 'MongoOperationTimeoutError') return 'timeout';
  if (unavailableNames.test(name)) return 'unavailable';
  if (name.startsWith('Mongo') && typeof code === 'number') {
    if (timeoutCodes.has(code)) return 'timeout';
    if (contendedCodes.has(code)) return 'contended';
    if (unavailableCodes.has(code)) return 'unavailable';
  }
  // The driver puts a connection that broke in the middle of a bulk write into an error without a code or a cause.
  if (name === 'MongoBulkWriteError' && code === undefined && [writeErrors].flat().length === 0)
    return 'unavailable';
  if (passingLabels.some((label) => errorLabelSet?.has(label))) return 'unavailable';
  if (saidWithoutCode.some((pattern) => pattern.test(message))) return 'unavailable';
  return $fault === 'server' ? 'storage' : undefined;
}
