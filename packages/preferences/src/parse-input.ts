import { InvalidInputError } from '@infratraq/kernel';
import { z } from 'zod';

/**
 * Checks input against its schema, for callers that come by no HTTP route.
 * @throws InvalidInputError `preferences.invalid` that says what is wrong and where
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(z.prettifyError(parsed.error), {
    code: 'preferences.invalid',
    cause: parsed.error,
  });
}
