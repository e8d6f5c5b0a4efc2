import { notificationChannels } from '@infratraq/kernel';
import { z } from 'zod';

const channels = z
  .array(z.enum(notificationChannels))
  .max(notificationChannels.length)
  .refine(isDistinct, 'names a channel twice');

const topicShape = {
  type: z.string().min(1).max(100).describe('Notification type, or * for all that have no row'),
  entity_type: z.string().min(1).max(100).optional(),
  entity_id: z.string().min(1).max(200).optional(),
};
const namesTypeOfEntity = (topic: RuleTopic) =>
  topic.entity_id === undefined || topic.entity_type !== undefined;
const typeIsNeeded = { path: ['entity_type'], message: 'is needed where entity_id is given' };

/** The topic of a row of the notification matrix. */
export interface RuleTopic {
  readonly type: string;
  readonly entity_type?: string | undefined;
  readonly entity_id?: string | undefined;
}
/** The topic of a row of the notification matrix. */
export const ruleTopicSchema = z.strictObject(topicShape).refine(namesTypeOfEntity, typeIsNeeded);

/** One row of the notification matrix. */
export const notificationRuleSchema = z
  .strictObject({
    ...topicShape,
    channels,
    muted: z.boolean().default(false).describe('Silent; the channels are those to go back to'),
  })
  .refine(namesTypeOfEntity, typeIsNeeded);
/** One row of the notification matrix. */
export type MatrixRule = z.output<typeof notificationRuleSchema>;

/** Key of a row's topic; unique within a matrix. */
export function ruleKey(rule: RuleTopic): string {
  return JSON.stringify([rule.type, rule.entity_type ?? null, rule.entity_id ?? null]);
}

/** Tells whether no value is there twice. */
export function isDistinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}
