import { parseInput } from '@infratraq/kernel';
import { z } from 'zod';

/** The id of a user who writes. */
export const userIdSchema = z.string().min(1).max(200);

/** The version that a writer has read. */
export const versionSchema = z.int().min(0).describe('The version that was read; 0 where there was none');

/** A user with their roles. */
export const personSchema = z.object({ user_id: userIdSchema, roles: z.array(z.string()).readonly() });

/**
 * Checks what a service is given, for callers that come by no HTTP route.
 * @throws InvalidInputError `preferences.invalid`; its `errors` name the path of each fault
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  return parseInput(schema, input, 'preferences.invalid');
}
