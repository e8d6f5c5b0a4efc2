import { z } from 'zod';

// Of the recipient's own inbox.
const own = { access: 'own' } as const;

const itemId = z.string().min(1).max(100);

/** Every client event with its payload. */
export const inboxEvents = {
  'inbox:list': z
    .strictObject({
      cursor: z.string().max(2_000).optional(),
      limit: z.int().min(1).max(200).default(50),
      unread: z.boolean().optional(),
    })
    .meta(own),
  'inbox:seen': z.strictObject({ ids: z.array(itemId).min(1).max(200) }).meta(own),
  'inbox:read': z.strictObject({ id: itemId }).meta(own),
  'inbox:archive': z.strictObject({ id: itemId }).meta(own),
  'inbox:read-all': z.strictObject({}).meta(own),
};
