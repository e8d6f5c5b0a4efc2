import type { RecipientPreferences } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import {
  explainSettings,
  mergeSettings,
  type EffectiveSettings,
  type ExplainedSetting,
  type SettingSource,
} from './effective-settings.js';
import { z } from 'zod';
import { checkInput, userIdSchema, versionSchema } from '../writing/check-input.js';
import { findPreferences, listPreferences } from '../collections/user-preference.queries.js';
import { describeRecipient } from '../notification-matrix/describe-recipient.js';
import { muteTopic, muteType, unmuteTopic } from '../notification-matrix/mute-topics.js';
import { migrateSettings } from './settings-migrations.js';
import {
  settingsPatchSchema,
  settingsSchema,
  settingsSchemaVersion,
  type Settings,
  type SettingsInput,
  type SettingsPatch,
} from './settings-schema.js';
import { ruleTopicSchema, type RuleTopic } from '../notification-matrix/rule-schema.js';
import { UserPreference } from '../collections/user-preference.js';
import { StaleVersionError, writeVersioned } from '../writing/write-versioned.js';

/** A user's effective settings, and those that the user has set. */
export interface Preferences {
  readonly user_id: string;
  /** Name it when writing; 0 until something is written. */
  readonly version: number;
  /** Effective settings, defaults included. */
  readonly settings: EffectiveSettings;
  /** Settings that the user has set. */
  readonly own: Settings;
  /** Where each value in `settings` comes from. */
  readonly sources: Partial<Record<keyof Settings, SettingSource>>;
}

type StoredPreference = Pick<Stored<UserPreference>, 'version'> & { readonly settings: Settings };

/** Reads the organisation's default settings of each user; a user without any may be left out. */
export type DefaultsOf = (user_ids: readonly string[]) => Promise<ReadonlyMap<string, Settings>>;

const writtenSchema = z.object({ user_id: userIdSchema, settings: settingsSchema, version: versionSchema });
const patchedSchema = writtenSchema.extend({ settings: settingsPatchSchema.partial() });

// In every round one of the concurrent writers succeeds.
const mostWritersAtOnce = 100;

/**
 * Reads and writes the settings of users.
 *
 * Settings of an older shape are migrated whenever they are read, and stored in the present one by the next write.
 */
export class PreferenceService {
  readonly #models: Models;
  readonly #defaultsOf: DefaultsOf;

  constructor(options: { models: Models; defaultsOf?: DefaultsOf }) {
    this.#models = options.models;
    this.#defaultsOf = options.defaultsOf ?? (async () => new Map());
  }

  /**
   * The effective settings of a user: the defaults, at version 0, for a user who has set nothing.
   * @throws NewerSettingsError `preferences.newer-schema`
   */
  async read(user_id: string): Promise<Preferences> {
    return this.#describe(user_id, await this.#find(user_id));
  }

  /** Lists every effective value of a user with its source and the values that it overrides. */
  async explain(user_id: string): Promise<ExplainedSetting[]> {
    const stored = await this.#find(user_id);
    const defaults = await this.#defaultsOf([user_id]);
    return explainSettings(stored.settings, defaults.get(user_id));
  }

  /** A user's notification preferences. */
  async recipientPreferencesOf(user_id: string): Promise<RecipientPreferences> {
    const { settings, own } = await this.read(user_id);
    return describeRecipient(settings, own);
  }

  /** Whether clicks on links in mails to a user may be tracked. */
  async allowsClickTracking(user_id: string): Promise<boolean> {
    return (await this.read(user_id)).settings.privacy.track_clicks;
  }

  /** The notification preferences of these users, with one query per database however many users there are. */
  async recipientPreferencesOfAll(user_ids: readonly string[]): Promise<Map<string, RecipientPreferences>> {
    checkInput(z.array(z.string()), user_ids);
    const [found, defaults] = await Promise.all([
      this.#models.find(listPreferences, { user_ids: [...user_ids] }),
      this.#defaultsOf(user_ids),
    ]);
    const own = new Map(found.map((stored) => [stored.user_id, migrateSettings(stored, stored.user_id)]));
    return new Map(
      user_ids.map((id) => {
        const set = own.get(id) ?? {};
        return [id, describeRecipient(mergeSettings(set, defaults.get(id)).settings, set)];
      }),
    );
  }

  /**
   * Replaces everything that a user has set.
   * @throws ConflictError `preferences.stale` when `version` is not the latest, `preferences.newer-schema`
   * @throws InvalidInputError `preferences.invalid`
   */
  async replace(user_id: string, settings: SettingsInput, version: number): Promise<Preferences> {
    const written = checkInput(writtenSchema, { user_id, settings, version });
    // Settings of a newer shape are refused here.
    await this.#find(user_id);
    return this.#write(user_id, written.settings, version);
  }

  /**
   * Changes some settings; null takes one back to its default.
   * @throws ConflictError `preferences.stale` when `version` is not the latest, `preferences.newer-schema`
   * @throws InvalidInputError `preferences.invalid`
   */
  async patch(user_id: string, patch: SettingsPatch, version: number): Promise<Preferences> {
    const { settings: changes } = checkInput(patchedSchema, { user_id, settings: patch, version });
    const stored = await this.#find(user_id);
    if (stored.version !== version)
      throw new StaleVersionError({ what: `the settings of ${user_id}`, expected: version });
    const merged = Object.entries({ ...stored.settings, ...changes }).filter(([, value]) => value != null);
    return this.#write(user_id, checkInput(settingsSchema, Object.fromEntries(merged)), version);
  }

  /**
   * Mutes a notification type (`*` for all), or one entity within it. No version is needed: concurrent writes are
   * kept.
   * @throws InvalidInputError `preferences.invalid` when the matrix has as many rows as it can have
   */
  async mute(user_id: string, topic: RuleTopic): Promise<Preferences> {
    return this.#changeMatrix(user_id, topic, muteTopic);
  }

  /**
   * Mutes a type for every entity, as an unsubscribe link promises. No version is needed, as for `mute`.
   * @throws InvalidInputError `preferences.invalid` when the matrix has as many rows as it can have
   */
  async unsubscribe(user_id: string, type: string): Promise<Preferences> {
    return this.#changeMatrix(user_id, { type }, muteType);
  }

  /** Unmutes a topic: its row gets its channels back, or goes if it was there for the mute alone. */
  async unmute(user_id: string, topic: RuleTopic): Promise<Preferences> {
    return this.#changeMatrix(user_id, topic, unmuteTopic);
  }

  async #changeMatrix(user_id: string, topic: RuleTopic, change: typeof muteTopic): Promise<Preferences> {
    const parsed = checkInput(ruleTopicSchema, topic);
    checkInput(userIdSchema, user_id);
    for (let attempt = 1; ; attempt += 1) {
      const { version, settings } = await this.#find(user_id);
      const changed = { ...settings, notifications: change(settings.notifications ?? [], parsed) };
      try {
        return await this.#write(user_id, checkInput(settingsSchema, changed), version);
      } catch (error) {
        if (!(error instanceof StaleVersionError) || attempt === mostWritersAtOnce) throw error;
      }
    }
  }

  async #write(user_id: string, settings: Settings, version: number): Promise<Preferences> {
    const written = await writeVersioned(this.#models.of(UserPreference), {
      what: `the settings of ${user_id}`,
      key: { user_id },
      expected: version,
      fields: { settings, schema_version: settingsSchemaVersion },
      at: new Date(),
    });
    return this.#describe(user_id, { version: written.version, settings });
  }

  async #find(user_id: string): Promise<StoredPreference> {
    checkInput(z.string(), user_id);
    const stored = await this.#models.findOne(findPreferences, { user_id });
    if (!stored) return { version: 0, settings: {} };
    return { version: stored.version, settings: migrateSettings(stored, user_id) };
  }

  async #describe(user_id: string, { version, settings: own }: StoredPreference): Promise<Preferences> {
    return { user_id, version, own, ...mergeSettings(own, (await this.#defaultsOf([user_id])).get(user_id)) };
  }
}
