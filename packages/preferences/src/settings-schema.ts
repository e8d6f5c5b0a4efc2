import { notificationChannels } from '@infratraq/kernel';
import { z } from 'zod';
import { clockTime, digestFrequencies } from './notification-settings.js';
import { themes } from './user-preference.js';

/** Version of the settings' shape that this code writes. */
export const settingsSchemaVersion = 3;

const weekday = z.int().min(1).max(7).describe('ISO weekday: 1 is Monday');
const clock = z.string().regex(clockTime).describe('HH:MM on a 24-hour clock');
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

/** What a row of the notification matrix is about. */
export interface RuleTopic {
  readonly type: string;
  readonly entity_type?: string | undefined;
  readonly entity_id?: string | undefined;
}
/** What a row of the notification matrix is about. */
export const ruleTopicSchema = z.strictObject(topicShape).refine(namesTypeOfEntity, typeIsNeeded);

/** One row of the notification matrix. */
export const notificationRuleSchema = z
  .strictObject({
    ...topicShape,
    channels,
    muted: z.boolean().default(false).describe('Silent; the channels are those to go back to'),
  })
  .refine(namesTypeOfEntity, typeIsNeeded);

/** What a user can set; every member is optional, and what is absent follows the defaults. */
export const settingsSchema = z.strictObject({
  locale: z.string().max(35).refine(isLocale, 'is no BCP 47 language tag').optional(),
  time_zone: z.string().max(64).refine(isTimeZone, 'is no IANA time zone').optional(),
  default_project_id: z.string().min(1).max(200).optional(),
  theme: z.enum(themes).optional(),
  first_weekday: weekday.optional(),
  notifications: z
    .array(notificationRuleSchema)
    .max(500)
    .refine((rules) => isDistinct(rules.map(ruleKey)), 'has two rows for the same thing')
    .optional(),
  quiet_hours: z
    .strictObject({
      enabled: z.boolean(),
      from: clock,
      to: clock,
      weekdays: z.array(weekday).max(7).refine(isDistinct, 'names a weekday twice'),
    })
    .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from `from`' })
    .optional(),
  privacy: z
    .strictObject({
      track_clicks: z.boolean().describe('Whether links in mails may tell that they were followed'),
    })
    .optional(),
  digest: z.strictObject({ frequency: z.enum(digestFrequencies), at: clock, weekday }).optional(),
});
/** What a user has set. */
export type Settings = z.output<typeof settingsSchema>;
/** One row of the notification matrix. */
export type MatrixRule = NonNullable<Settings['notifications']>[number];
/** Settings as a client sends them. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** A change of some settings: null takes a setting back to its default, what is absent stays. */
export const settingsPatchSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([name, schema]) => [name, schema.nullable()]),
  ) as { [Name in keyof typeof settingsSchema.shape]: z.ZodNullable<(typeof settingsSchema.shape)[Name]> },
);
/** A change of some settings. */
export type SettingsPatch = z.input<typeof settingsPatchSchema>;

/** Names what a row of the notification matrix is about; two rows of one matrix differ in it. */
export function ruleKey(rule: RuleTopic): string {
  return JSON.stringify([rule.type, rule.entity_type ?? null, rule.entity_id ?? null]);
}

/** Tells whether a text is a well-formed BCP 47 language tag. */
export function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Tells whether a text names an IANA time zone; an offset such as `+01:00` is none. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function isDistinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}
