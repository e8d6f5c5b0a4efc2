import type { Models } from '@infratraq/mongo';
import { AlertConfigs, type RequireWatchable } from './alert-configs.js';
import { DashboardLayouts } from './dashboard-layouts.js';
import { Favorites } from './favorites.js';
import { OrganisationDefaults, type Organisations } from './organisation-defaults.js';
import { PreferenceService } from './preference-service.js';

/** Everything that this package keeps for users. */
export interface PreferenceServices {
  readonly settings: PreferenceService;
  readonly organisations: OrganisationDefaults;
  readonly layouts: DashboardLayouts;
  readonly favorites: Favorites;
  readonly alerts: AlertConfigs;
}

/**
 * Makes the services over one connection's models; without `organisations` nobody belongs to one.
 *
 * @example
 * const { settings } = createPreferenceServices({ models });
 * const { version } = await settings.read('u-1');
 * await settings.patch('u-1', { time_zone: 'Europe/Berlin' }, version);
 */
export function createPreferenceServices(options: {
  models: Models;
  organisations?: Organisations;
  /** Absent: every field of every entity can be watched. */
  requireWatchable?: RequireWatchable;
}): PreferenceServices {
  const { models } = options;
  const organisations = new OrganisationDefaults(options);
  return {
    settings: new PreferenceService({ models, defaultsOf: (user_ids) => organisations.of(user_ids) }),
    organisations,
    layouts: new DashboardLayouts({
      models,
      organisationOf: (user_id) => organisations.organisationOf(user_id),
    }),
    favorites: new Favorites({ models }),
    alerts: new AlertConfigs(options),
  };
}
