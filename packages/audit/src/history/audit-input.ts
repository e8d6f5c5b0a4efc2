import { parseInput } from '@infratraq/kernel';
import { plainText } from '@infratraq/transport';
import { z } from 'zod';

/** The name of an entity type, a column, a person, a cause or a change. */
export const nameSchema = z.string().min(1).max(200);

/** A row's primary key as text; those of composite keys are long. */
export const rowIdSchema = z.string().min(1).max(3_000);

/** A row of any table. */
export const entitySchema = z.object({ entity_type: nameSchema, entity_id: rowIdSchema });

/** Why something is done or asked for, for the record. */
export const reasonSchema = plainText({ characters: 500, lines: true });

/** A range of time, as services take it. */
export const rangeSchema = z.object({ from: z.date().optional(), to: z.date().optional() });

/**
 * Checks what a service is given, for callers that come by no HTTP route.
 * @throws InvalidInputError `audit.invalid`; its `errors` name the path of each fault
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  return parseInput(schema, input, 'audit.invalid');
}
