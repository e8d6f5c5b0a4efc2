import { parseInput, type EntityReference } from '@infratraq/kernel';
import { z } from 'zod';

/** Names one file of an entity; a file is not found under any other entity. */
export interface FileReference extends EntityReference {
  readonly file_id: string;
}

/** The entity that a file is attached to. */
export const entitySchema = z.object({
  entity_type: z.string().min(1).max(100),
  entity_id: z.string().min(1).max(200),
});
/** One file of an entity. */
export const fileSchema = entitySchema.extend({ file_id: z.string().min(1).max(100) });
/** Which version of a file; the current one when absent. */
export const versionSchema = z.int().min(1).optional();

/**
 * Checks what a service is given, for callers that come by no HTTP route.
 * @throws InvalidInputError `attachment.invalid`; its `errors` name the path of each fault
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  return parseInput(schema, input, 'attachment.invalid');
}
