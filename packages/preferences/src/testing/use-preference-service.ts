import { useModels } from '@infratraq/testing';
import { randomUUID } from 'node:crypto';
import { PreferenceService } from '../settings/preference-service.js';
import type { Settings } from '../settings/settings-schema.js';
import { UserPreference } from '../collections/user-preference.js';

/** Gives a suite a database of its own for the settings of users, and services over it. */
export function usePreferenceService() {
  const database = useModels(UserPreference);
  return {
    database,
    /** A service of an organisation with these defaults. */
    service: (defaults: Settings = {}) =>
      new PreferenceService({
        models: database.models,
        defaultsOf: async (user_ids) => new Map(user_ids.map((user_id) => [user_id, defaults])),
      }),
  };
}

export const newUser = () => `u-${randomUUID()}`;
