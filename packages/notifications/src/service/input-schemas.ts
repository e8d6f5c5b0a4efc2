import { notificationChannels } from '@infratraq/kernel';
import { z } from 'zod';

const text = z.string().min(1).max(1_000);
const reference = z.object({ entity_type: text, entity_id: text });
const names = z.array(text);

/** What `send` takes; the schema of the type checks `data`. */
export const requestSchema = z.object({
  to: z.object({
    users: names.optional(),
    groups: names.optional(),
    followers_of: reference.optional(),
    except: names.optional(),
  }),
  type: text,
  channels: z.array(z.enum(notificationChannels)).optional(),
  chosen_by_recipient: z.boolean().optional(),
  entity: reference.optional(),
  idempotency_key: text.optional(),
  collapse_key: text.optional(),
  throttle_key: text.optional(),
  not_after: z.date().optional(),
});

/** What `report` takes. */
export const reportSchema = z.object({
  provider: z.string().min(1),
  provider_message_id: z.string().min(1),
  state: z.enum(['sent', 'delivered', 'read', 'failed', 'bounced']),
  at: z.date(),
});

/** What `takeFeedback` takes. */
export const feedbackSchema = z.object({
  provider: z.string().min(1),
  provider_message_id: z.string().min(1),
  kind: z.enum(['complained', 'not_spam']),
  at: z.date(),
  feedback_type: z.string(),
});

/** What `cancel` takes. */
export const notificationIdSchema = z.uuid();

/** What `retract` takes. */
export const idempotencyKeySchema = text;

/** What `replay` takes. */
export const deliveryIdsSchema = z.array(z.string());

/** What `preview` takes. */
export const previewSchema = z.object({
  type: text,
  channel: z.enum(notificationChannels),
  locale: z.string().min(1).max(100),
});
