import { timestamp } from '@infratraq/transport';
import { z } from 'zod';
import type { NotificationDelivery } from '../collections/notification-delivery.js';

/** An inbox item as clients see it. */
export const itemResponse = z.object({
  id: z.string(),
  notification_id: z.string(),
  type: z.string(),
  title: z.string(),
  body: z.string(),
  url: z.string().optional(),
  count: z.int().describe('How many notifications it stands for'),
  entity_type: z.string().optional(),
  entity_id: z.string().optional(),
  critical: z.boolean(),
  at: timestamp,
  seen_at: timestamp.optional(),
  read_at: timestamp.optional(),
  archived_at: timestamp.optional(),
  retracted_at: timestamp.optional(),
});
export type InboxItem = z.output<typeof itemResponse>;

/** Shows an inbox item to its owner. */
export function presentItem(item: NotificationDelivery): InboxItem {
  const { _id, notification_id, type, title = '', body = '', url, engagement, queued_at, critical } = item;
  const { entity_type, entity_id, collapsed_count = 1, retracted_at } = item;
  const { seen_at, read_at, dismissed_at } = engagement ?? {};
  return {
    id: String(_id),
    notification_id,
    type,
    title,
    body,
    critical,
    count: collapsed_count,
    at: queued_at,
    ...(url !== undefined && { url }),
    ...(entity_type !== undefined && { entity_type }),
    ...(entity_id !== undefined && { entity_id }),
    ...(seen_at && { seen_at }),
    ...(read_at && { read_at }),
    ...(dismissed_at && { archived_at: dismissed_at }),
    ...(retracted_at && { retracted_at }),
  };
}
