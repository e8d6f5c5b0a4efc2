import { InvalidInputError, tidyFileName } from '@infratraq/kernel';

/**
 * The name under which an attached file is kept and shown.
 * @throws InvalidInputError `attachment.name.invalid` when nothing of the name remains
 */
export function cleanFileName(given: string): string {
  const name = tidyFileName(given);
  if (name === '')
    throw new InvalidInputError('Give the file a name with letters or digits', {
      code: 'attachment.name.invalid',
    });
  return name;
}
