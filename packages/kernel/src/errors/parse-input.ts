import { findUnstorableText } from '../text/find-unstorable-text.js';
import { InvalidInputError, type InputFault } from './errors.js';

/** A schema that input is checked with; those of zod fit. */
export interface InputSchema<Output> {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: Output }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let at = input;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}

/**
 * Checks input against its schema and returns it with defaults filled in: for services, whose callers may come by no
 * HTTP route.
 *
 * @throws InvalidInputError with this code, or `text.invalid` for a text that no database can keep; its `errors` name
 * the path of each fault
 * @example
 * const { name } = parseInput(z.strictObject({ name: z.string() }), given, 'report.invalid');
 */
export function parseInput<Output>(schema: InputSchema<Output>, input: unknown, code: string): Output {
  const unstorable = findUnstorableText(input);
  if (unstorable)
    throw new InvalidInputError(`${unstorable.path}: ${unstorable.message}`, {
      code: 'text.invalid',
      errors: [unstorable],
    });
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors: InputFault[] = parsed.error.issues.map(({ path, message }) => ({
    path: `/${path.map(String).join('/')}`,
    // A schema would list the methods of bytes as unknown fields.
    message: ArrayBuffer.isView(valueAt(input, path)) ? 'is binary' : message,
  }));
  throw new InvalidInputError(errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
    code,
    errors,
    cause: parsed.error,
  });
}
