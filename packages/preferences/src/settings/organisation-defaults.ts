import { NotFoundError } from '@infratraq/kernel';
import { z } from 'zod';
import { checkInput, versionSchema } from '../writing/check-input.js';
import { migrateSettings, type StoredSettings } from './settings-migrations.js';
import {
  settingsSchema,
  settingsSchemaVersion,
  type Settings,
  type SettingsInput,
} from './settings-schema.js';
import { StaleVersionError } from '../writing/write-versioned.js';

const writtenSchema = z.object({ settings: settingsSchema, version: versionSchema });

/** Membership of organisations and their default settings; kept with the master data. */
export interface Organisations {
  /** The organisation of each of these users; users without one are left out. */
  organisationsOf(user_ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Undefined for an unknown organisation; empty at version 0 for one without settings. */
  findSettings(organisation_id: string): Promise<(StoredSettings & { version: number }) | undefined>;
  /** Writes if `expected` is still the version, and tells whether it did. */
  writeSettings(organisation_id: string, settings: StoredSettings, expected: number): Promise<boolean>;
}

/** An organisation's default settings. */
export interface OrganisationSettings {
  readonly organisation_id: string;
  /** Name it when writing; 0 until something is written. */
  readonly version: number;
  readonly settings: Settings;
}

/** Default settings of organisations, which hold until a user sets their own. */
export class OrganisationDefaults {
  readonly #organisations: Organisations | undefined;

  /** Without `organisations` nobody belongs to one. */
  constructor(options: { organisations?: Organisations | undefined }) {
    this.#organisations = options.organisations;
  }

  /** Undefined for a user without an organisation. */
  async organisationOf(user_id: string): Promise<string | undefined> {
    return (await this.#organisations?.organisationsOf([user_id]))?.get(user_id);
  }

  /** Default settings by user; users without an organisation are left out. */
  async of(user_ids: readonly string[]): Promise<ReadonlyMap<string, Settings>> {
    const organisations = [...((await this.#organisations?.organisationsOf(user_ids)) ?? [])];
    const distinct = [...new Set(organisations.map(([, organisation]) => organisation))];
    const read = distinct.map(async (id) => [id, (await this.read(id)).settings] as const);
    const laidDown = new Map(await Promise.all(read));
    return new Map(organisations.map(([user, organisation]) => [user, laidDown.get(organisation) ?? {}]));
  }

  /** @throws NotFoundError `organisations.unknown` */
  async read(organisation_id: string): Promise<OrganisationSettings> {
    checkInput(z.string(), organisation_id);
    const stored = await this.#organisations?.findSettings(organisation_id);
    if (!stored)
      throw new NotFoundError(`There is no organisation ${organisation_id}`, 'organisations.unknown');
    const settings = migrateSettings(stored, `organisation ${organisation_id}`);
    return { organisation_id, version: stored.version, settings };
  }

  /**
   * Replaces an organisation's default settings.
   * @throws NotFoundError `organisations.unknown`
   * @throws ConflictError `preferences.stale` when `version` is not the latest, `preferences.newer-schema`
   * @throws InvalidInputError `preferences.invalid`
   */
  async replace(
    organisation_id: string,
    settings: SettingsInput,
    version: number,
  ): Promise<OrganisationSettings> {
    const written = checkInput(writtenSchema, { settings, version });
    const stored = { settings: written.settings, schema_version: settingsSchemaVersion };
    // An unknown organisation, or one whose settings have a newer shape, is refused here.
    await this.read(organisation_id);
    if (!(await this.#organisations?.writeSettings(organisation_id, stored, version)))
      throw new StaleVersionError({
        what: `what organisation ${organisation_id} has laid down`,
        expected: version,
      });
    return { organisation_id, version: version + 1, settings: stored.settings };
  }
}
