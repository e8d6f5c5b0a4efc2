import {
  ConflictError,
  explainDiskFault,
  InfratraqError,
  InvalidInputError,
  NotFoundError,
} from '@infratraq/kernel';

/** Nothing is stored under the key (`object.not-found`). */
export function objectNotFound(key: string): NotFoundError {
  return new NotFoundError(`There is no object ${key}`, 'object.not-found');
}

/** Something is stored under the key already (`object.exists`). */
export function objectExists(key: string): ConflictError {
  return new ConflictError(`There is an object ${key} already; choose another key`, 'object.exists');
}

/** Another version is stored than was expected (`object.changed`). */
export function objectChanged(key: string): ConflictError {
  return new ConflictError(`The object ${key} has changed; read it again`, 'object.changed');
}

/** What is stored is not what was written (`object.corrupted`). */
export function objectCorrupted(key: string, what: string, cause?: unknown): InfratraqError {
  return new InfratraqError(
    'object.corrupted',
    `The object ${key} is damaged (${what}); restore it from a backup`,
    {
      ...(cause !== undefined && { cause }),
    },
  );
}

/** The content is not what the writer announced (`object.checksum`, `object.size`). */
export function contentMismatch(kind: 'checksum' | 'size', announced: unknown, arrived: unknown) {
  return new InvalidInputError(
    `The content's ${kind === 'size' ? 'size' : 'SHA-256'} is ${arrived}, announced was ${announced}; send it again`,
    { code: `object.${kind}` },
  );
}

/** The range begins behind the object's end (`object.range`). */
export function rangeUnsatisfiable(key: string, sizeBytes: number): InvalidInputError {
  return new InvalidInputError(`The object ${key} has ${sizeBytes} bytes; ask for a range within`, {
    code: 'object.range',
  });
}

/** The writer gave up (`object.aborted`). */
export function uploadAborted(key: string, cause: unknown): InfratraqError {
  return new InfratraqError('object.aborted', `The upload of ${key} was given up; nothing of it is stored`, {
    cause,
  });
}

/** The storage does not answer, or answers with a fault (`objects.unavailable`). */
export function storageUnavailable(what: string, cause: unknown): InfratraqError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InfratraqError('objects.unavailable', `The object storage could not ${what}: ${reason}`, {
    status: 503,
    cause,
  });
}

/**
 * The disk below a folder of objects refuses (`storage.full`, `storage.not-writable`, …): its path is for operators, in the
 * cause. Any other error as it is.
 */
export function folderFault(error: unknown, path: string): unknown {
  const explained = explainDiskFault(error, path);
  if (explained === error || !(explained instanceof InfratraqError)) return error;
  return new InfratraqError(
    explained.code,
    'The object storage takes nothing now; nothing of this was stored, so try again later',
    { status: 503, retryAfterMilliseconds: 30_000, cause: explained },
  );
}
