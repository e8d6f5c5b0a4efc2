import { InfratraqError } from '@infratraq/kernel';

/** Turns a failed import of an optional library into an error that says what to install. */
export function missingDriver(scheme: string, libraries: string): (cause: unknown) => never {
  return (cause) => {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new InfratraqError('objects.driver-missing', `To use ${scheme}: addresses, install ${libraries}`, {
      cause,
    });
  };
}
