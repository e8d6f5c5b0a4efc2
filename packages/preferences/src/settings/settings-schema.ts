import { z } from 'zod';
import { clockTime, digestFrequencies } from '../collections/user-preference-parts.js';
import { isDistinct, notificationRuleSchema, ruleKey } from '../notification-matrix/rule-schema.js';
import { themes } from '../collections/user-preference.js';

/** Version of the settings' shape that this code writes. */
export const settingsSchemaVersion = 3;

const weekday = z.int().min(1).max(7).describe('ISO weekday: 1 is Monday');
const clock = z.string().regex(clockTime).describe('HH:MM on a 24-hour clock');
/** Settings of a user or an organisation. Absent members follow the defaults. */
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
    .refine(({ from, to, weekdays }) => from !== to || weekdays.length < 7, {
      path: ['weekdays'],
      message: 'cover the whole week; mute notifications instead',
    })
    .optional(),
  privacy: z
    .strictObject({
      track_clicks: z.boolean().describe('Whether links in mails may tell that they were followed'),
    })
    .optional(),
  digest: z.strictObject({ frequency: z.enum(digestFrequencies), at: clock, weekday }).optional(),
});
/** Settings of a user or an organisation. */
export type Settings = z.output<typeof settingsSchema>;
/** Settings as a client sends them. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** A change of some settings: null resets a setting to its default, an absent one stays. */
export const settingsPatchSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([name, schema]) => [name, schema.nullable()]),
  ) as { [Name in keyof typeof settingsSchema.shape]: z.ZodNullable<(typeof settingsSchema.shape)[Name]> },
);
/** A change of some settings. */
export type SettingsPatch = z.input<typeof settingsPatchSchema>;

/** Tells whether a text is a well-formed BCP 47 language tag. */
function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Tells whether a text names an IANA time zone; an offset such as `+01:00` is none. */
function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
