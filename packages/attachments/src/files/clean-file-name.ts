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

/** The input with a name that can be kept: whatever programs call a file, the file is taken. */
export function nameCleanly<Input extends { readonly file_name: string }>(input: Input): Input {
  return typeof input.file_name === 'string'
    ? { ...input, file_name: cleanFileName(input.file_name) }
    : input;
}
