import { InfratraqError, InvalidInputError } from '@infratraq/kernel';

/** PostgreSQL's class of data exceptions: a value that no column could hold. */
const dataException = /^22/;

/** Recognises what a database refuses because of the caller's values, and what fails because a database is away. */
export function recognizeDatabaseError(error: unknown): InfratraqError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, name } = error as Error & { code?: unknown };
  if (typeof code === 'string' && dataException.test(code) && code.length === 5)
    return new InvalidInputError(`A value cannot be stored: ${error.message}`, { cause: error });
  if (name === 'ValidationError' || name === 'CastError' || name === 'StrictModeError')
    return new InvalidInputError(error.message, { cause: error });
  if (code === 'ECONNREFUSED' || /^Mongo(ServerSelection|Network|NetworkTimeout)Error$/.test(name))
    return new InfratraqError('database.unavailable', 'A database does not answer at the moment; try again', {
      status: 503,
      cause: error,
    });
  return undefined;
}
