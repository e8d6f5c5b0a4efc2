import type { Models } from '@infratraq/mongo';
import { AlertConfigs } from './alert-configs.js';
import { DashboardLayouts } from './dashboard-layouts.js';
import { Favorites } from './favorites.js';
import { PreferenceService } from './preference-service.js';
import type { Settings } from './settings-schema.js';

/** Everything that this package keeps for users. */
export interface PreferenceServices {
  readonly settings: PreferenceService;
  readonly layouts: DashboardLayouts;
  readonly favorites: Favorites;
  readonly alerts: AlertConfigs;
}

/**
 * Makes the services over one connection's models; `defaultsOf` gives the defaults of a user's organisation.
 *
 * @example
 * const { settings } = createPreferenceServices({ models });
 * const { version } = await settings.read('u-1');
 * await settings.patch('u-1', { time_zone: 'Europe/Berlin' }, version);
 */
export function createPreferenceServices(options: {
  models: Models;
  defaultsOf?: (user_id: string) => Promise<Settings>;
}): PreferenceServices {
  return {
    settings: new PreferenceService(options),
    layouts: new DashboardLayouts(options),
    favorites: new Favorites(options),
    alerts: new AlertConfigs(options),
  };
}
