import { timestamp } from '@infratraq/transport';
import { Types } from 'mongoose';
import { z } from 'zod';
import { alertConfigSchema, alertConditionSchema } from './alert-config-schema.js';
import { shareAccesses } from './dashboard-layout.js';
import { layoutSchema } from './layout-schema.js';
import { settingSources } from './effective-settings.js';
import { favoriteSchema } from './favorites.js';
import { ruleTopicSchema, settingsSchema } from './settings-schema.js';
import { alertStatuses } from './user-alert-config.js';

/** The version that the writer has read. */
export const version = z.int().min(0).describe('The version that was read; 0 where there was none');

const source = z.enum(settingSources);

/** What holds for the user, and why. */
export const preferencesResponse = z.object({
  user_id: z.string(),
  version,
  settings: settingsSchema.describe('What holds, the defaults included'),
  own: settingsSchema.describe('What the user has set'),
  sources: z.record(z.string(), source).describe('Where each value in settings comes from'),
});

/** Why each setting holds. */
export const explainedResponse = z.object({
  items: z.array(
    z.object({
      setting: settingsSchema.keyof(),
      topic: ruleTopicSchema.optional().describe('Which row, for the notification matrix'),
      value: z.unknown(),
      source,
      overridden: z
        .array(z.object({ source, value: z.unknown() }))
        .describe('What would hold without it, nearest first'),
    }),
  ),
});

/** What an organisation has laid down. */
export const organisationResponse = z.object({
  organisation_id: z.string(),
  version,
  settings: settingsSchema,
});

/** One layout. */
export const layoutResponse = z.object({
  ...layoutSchema.shape,
  layout_id: z.string().optional().describe('Absent at version 0'),
  user_id: z.string().describe('Whose it is'),
  dashboard_id: z.string(),
  version,
});

/** One layout, and what whoever asks may do with it. */
export const sharedLayoutResponse = layoutResponse.extend({ access: z.enum([...shareAccesses, 'own']) });

/** One favourite. */
export const favoriteResponse = z.object({
  ...favoriteSchema.shape,
  use_count: z.int(),
  last_used_at: timestamp,
  created_at: timestamp,
});

const alertState = z.object({
  status: z.enum(alertStatuses),
  since: timestamp,
  last_value: z.union([z.number(), z.string(), z.boolean()]).nullable().optional(),
  last_evaluated_at: timestamp.optional(),
  last_fired_at: timestamp.optional(),
  last_cleared_at: timestamp.optional(),
  fired_count: z.int(),
});

/** One alert with its state. */
export const alertResponse = z.object({
  ...alertConfigSchema.shape,
  condition: z.object(alertConditionSchema.shape),
  id: z.string(),
  version,
  state: alertState,
  entity_states: z
    .array(alertState.extend({ entity_id: z.string() }))
    .optional()
    .describe('Of an alert on every entity of a type: those that are not well'),
  created_at: timestamp,
  updated_at: timestamp,
});

/** Gives a stored document its `id` as a string. */
export function withId<Stored extends { _id: unknown }>(stored: Stored): Stored & { id: string } {
  const { _id } = stored;
  return { ...stored, id: _id instanceof Types.ObjectId ? _id.toHexString() : String(_id) };
}
