import { z } from 'zod';

/** A point in time: an ISO 8601 string on the wire, a `Date` in code, in requests as in responses. */
export const timestamp = z.codec(z.iso.datetime({ offset: true }), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** Query parameters of every list: an opaque cursor from the page before, and how many items. */
export const pageQuery = z.strictObject({
  cursor: z.string().min(1).max(2_000).optional().describe('The next_cursor of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Response of every list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().describe('Null on the last page'),
  });
}

/** Path parameters that name an entity. */
export const entityParameters = z.strictObject({
  type: z.string().min(1).max(100),
  id: z.string().min(1).max(500),
});
