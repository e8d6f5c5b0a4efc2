import { z } from 'zod';

const itemId = z.string().min(1).max(100);

/** Every client event with its payload. */
export const inboxEvents = {
  'inbox:list': z.strictObject({
    cursor: z.string().max(2_000).optional(),
    limit: z.int().min(1).max(200).default(50),
    unread: z.boolean().optional(),
  }),
  'inbox:seen': z.strictObject({ ids: z.array(itemId).min(1).max(200) }),
  'inbox:read': z.strictObject({ id: itemId }),
  'inbox:archive': z.strictObject({ id: itemId }),
  'inbox:read-all': z.strictObject({}),
};
