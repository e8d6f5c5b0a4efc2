import { InfratraqError } from '@infratraq/kernel';

/** Turns a failed import of an optional library into an error that says what to install. */
export function missingProvider(purpose: string, library: string): (cause: unknown) => never {
  return (cause) => {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new InfratraqError('sender.library-missing', `To send ${purpose}, install ${library}`, { cause });
  };
}
