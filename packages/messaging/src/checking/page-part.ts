import { z } from 'zod';
import { checkInput } from './check-input.js';

/** Part of a list that is read. */
export interface PagePart {
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
  /** From 1 to 1,000. */
  readonly limit: number;
}

const schema: z.ZodType<PagePart> = z.object({
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(1_000),
});

/** @throws InvalidInputError `limit.invalid`, `cursor.invalid` */
export function checkPart(part: PagePart): PagePart {
  return checkInput(schema, part, 'limit.invalid', { cursor: 'cursor.invalid' });
}
