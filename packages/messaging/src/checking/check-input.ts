import { findUnstorableText, parseInput } from '@infratraq/kernel';
import type { z } from 'zod';

/** Codes of single faults, by field (`text`) or by field and kind of fault (`body:too_big`). */
export type FaultCodes = Readonly<Record<string, string>>;

/**
 * Checks input of a service against its schema.
 *
 * @throws InvalidInputError `text.invalid`, the code of its first fault, or else this one; `errors` name the path of each
 * fault
 */
export function checkInput<Output>(
  schema: z.ZodType<Output>,
  input: unknown,
  code: string,
  codes: FaultCodes = {},
): Output {
  if (findUnstorableText(input)) return parseInput(schema, input, code);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const field = first?.path.join('/') ?? '';
  return parseInput(schema, input, codes[`${field}:${first?.code}`] ?? codes[field] ?? code);
}
