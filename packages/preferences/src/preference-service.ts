import { ConflictError } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import { mergeSettings, type EffectiveSettings, type SettingSource } from './effective-settings.js';
import { parseInput } from './parse-input.js';
import { findPreferences } from './queries.js';
import {
  settingsPatchSchema,
  settingsSchema,
  settingsSchemaVersion,
  type Settings,
  type SettingsPatch,
} from './settings-schema.js';
import { UserPreference } from './user-preference.js';
import { StaleVersionError, writeVersioned } from './write-versioned.js';

/** A user's settings as they hold, and what of them the user has set. */
export interface Preferences {
  readonly user_id: string;
  /** Name it when writing; 0 until something is written. */
  readonly version: number;
  /** What holds, the defaults included. */
  readonly settings: EffectiveSettings;
  /** What the user has set. */
  readonly own: Settings;
  /** Where each value in `settings` comes from. */
  readonly sources: Partial<Record<keyof Settings, SettingSource>>;
}

/** Reads and writes the settings of users. */
export class PreferenceService {
  readonly #models: Models;
  readonly #defaultsOf: (user_id: string) => Promise<Settings>;

  /** `defaultsOf` gives the defaults of a user's organisation. */
  constructor(options: { models: Models; defaultsOf?: (user_id: string) => Promise<Settings> }) {
    this.#models = options.models;
    this.#defaultsOf = options.defaultsOf ?? (async () => ({}));
  }

  /** The settings that hold for a user; those of a user who never set anything are the defaults, at version 0. */
  async read(user_id: string): Promise<Preferences> {
    return this.#describe(user_id, await this.#find(user_id));
  }

  /**
   * Replaces everything that a user has set.
   * @throws ConflictError `preferences.stale` when `version` is not the latest
   * @throws InvalidInputError `preferences.invalid`
   */
  async replace(user_id: string, settings: Settings, version: number): Promise<Preferences> {
    const written = await writeVersioned(this.#models.of(UserPreference), {
      what: `the settings of ${user_id}`,
      key: { user_id },
      expected: version,
      fields: { settings: parseInput(settingsSchema, settings), schema_version: settingsSchemaVersion },
      at: new Date(),
    });
    return this.#describe(user_id, written);
  }

  /**
   * Changes some settings; null takes one back to its default.
   * @throws ConflictError `preferences.stale` when `version` is not the latest
   * @throws InvalidInputError `preferences.invalid`
   */
  async patch(user_id: string, patch: SettingsPatch, version: number): Promise<Preferences> {
    const changes = parseInput(settingsPatchSchema, patch);
    const stored = await this.#find(user_id);
    if ((stored?.version ?? 0) !== version)
      throw new StaleVersionError(`the settings of ${user_id}`, version);
    const merged = Object.entries({ ...stored?.settings, ...changes }).filter(([, value]) => value != null);
    return this.replace(user_id, Object.fromEntries(merged), version);
  }

  async #find(user_id: string): Promise<Stored<UserPreference> | null> {
    const stored = await this.#models.findOne(findPreferences, { user_id });
    if (stored && stored.schema_version > settingsSchemaVersion)
      throw new ConflictError(
        `the settings of ${user_id} were written by a newer version of this product; update this one`,
        'preferences.newer-schema',
      );
    return stored;
  }

  async #describe(
    user_id: string,
    stored: Pick<UserPreference, 'version' | 'settings'> | null,
  ): Promise<Preferences> {
    const own = stored?.settings ?? {};
    return {
      user_id,
      version: stored?.version ?? 0,
      own,
      ...mergeSettings(own, await this.#defaultsOf(user_id)),
    };
  }
}
