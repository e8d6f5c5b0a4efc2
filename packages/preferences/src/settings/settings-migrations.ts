import { ConflictError } from '@infratraq/kernel';
import { settingsSchemaVersion, type Settings } from './settings-schema.js';

/** Settings as they were written, in the shape of `schema_version`. */
export interface StoredSettings {
  readonly schema_version: number;
  readonly settings: object;
}

/** Settings were written by a newer version of this product, whose shape this one does not know. */
class NewerSettingsError extends ConflictError {
  constructor(whose: string, schemaVersion: number) {
    super(
      `The settings of ${whose} have the shape ${schemaVersion} of a newer version of this product, and this one knows up to ${settingsSchemaVersion}; update it`,
      'preferences.newer-schema',
    );
  }
}

/**
 * Migrates settings of any earlier shape to the present one, step by step. The given settings are not modified.
 * @throws NewerSettingsError `preferences.newer-schema`
 */
export function migrateSettings({ schema_version, settings }: StoredSettings, whose: string): Settings {
  if (schema_version > settingsSchemaVersion) throw new NewerSettingsError(whose, schema_version);
  return settingsMigrations.slice(schema_version - 1).reduce((shape, migrate) => migrate(shape), settings);
}

/** The step at place n brings settings from version n + 1 to the next; a step never changes once it is released. */
export const settingsMigrations: readonly ((settings: object) => object)[] = [
  tellMutingFromNoChannel,
  addPrivacy,
];

interface SettingsOne {
  readonly notifications?: readonly { readonly channels: readonly string[] }[];
}

// Version 1 muted by an empty list of channels, and so forgot which ones to go back to.
function tellMutingFromNoChannel(settings: object): object {
  const { notifications, ...others } = settings as SettingsOne;
  if (notifications === undefined) return others;
  return {
    ...others,
    notifications: notifications.map((rule) => ({ ...rule, muted: rule.channels.length === 0 })),
  };
}

// Version 2 had no `privacy`; the number keeps servers that do not know it from losing it.
function addPrivacy(settings: object): object {
  return settings;
}
