import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';
import { Digest, NotificationRule, QuietHours, Privacy } from './user-preference-parts.js';

/** Colours of the user interface. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** What a user has set; what is absent follows the defaults. */
@modelOptions({ schemaOptions: { _id: false } })
export class UserSettings {
  /** BCP 47 language tag. */
  @prop({ type: String, maxlength: 35 })
  locale?: string;

  /** IANA time zone. */
  @prop({ type: String, maxlength: 64 })
  time_zone?: string;

  @prop({ type: String, maxlength: 200 })
  default_project_id?: string;

  @prop({ type: String, enum: themes })
  theme?: Theme;

  /** ISO weekday (1 is Monday) on which calendars begin. */
  @prop({ type: Number, min: 1, max: 7 })
  first_weekday?: number;

  @prop({ type: [NotificationRule], default: undefined })
  notifications?: NotificationRule[];

  @prop({ type: QuietHours })
  quiet_hours?: QuietHours;

  @prop({ type: Digest })
  digest?: Digest;

  @prop({ type: Privacy })
  privacy?: Privacy;
}

/** The settings of one user. */
@Collection<UserPreference>({
  name: 'user_preference',
  purpose: 'Per-user settings (locale, time zone, default project, notifications)',
  retention: permanent(),
  growth: growth('low', { documentBytes: 1_200, documentsPerDay: 2 }),
  traits: ['variable-schema', 'nested-fields'],
  indexes: [{ key: { user_id: 1 }, unique: true, serves: 'findPreferences' }],
  shardKey: { user_id: 1 },
})
@modelOptions({ schemaOptions: { minimize: false } })
export class UserPreference {
  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  /** Version of the settings' schema that the document was written with. */
  @prop({ type: Number, required: true, min: 1 })
  schema_version!: number;

  /** Counts writes from 1; a writer names the version it has read. */
  @prop({ type: Number, required: true, min: 1 })
  version!: number;

  @prop({ type: UserSettings, required: true })
  settings!: UserSettings;

  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date, required: true })
  updated_at!: Date;
}
