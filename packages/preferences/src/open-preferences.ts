import { InfratraqError, type CollectionStates, type Notifier, type ReportError } from '@infratraq/kernel';
import { openModels, type Models, type MongoSource } from '@infratraq/mongo';
import { AlertConfigs, type RequireWatchable } from './alerts/alert-configs.js';
import { AlertEvaluator } from './alerts/alert-evaluator.js';
import type { MetricReader } from './alerts/metric-reader.js';
import { preferences } from './category.js';
import { Favorites } from './favorites/favorites.js';
import { DashboardLayouts } from './layouts/dashboard-layouts.js';
import { OrganisationDefaults, type Organisations } from './settings/organisation-defaults.js';
import { PreferenceService } from './settings/preference-service.js';

/** Everything that this package keeps for users. */
export interface PreferenceServices {
  readonly settings: PreferenceService;
  readonly organisations: OrganisationDefaults;
  readonly layouts: DashboardLayouts;
  readonly favorites: Favorites;
  readonly alerts: AlertConfigs;
}

/** Ports of the services. */
export interface PreferencePorts {
  /** Absent: nobody belongs to an organisation. */
  readonly organisations?: Organisations;
  readonly requireWatchable: RequireWatchable;
}

/** Where preferences are stored, and their ports. */
export type OpenPreferencesOptions = MongoSource &
  PreferencePorts & {
    /** Needed to evaluate alerts on metrics. */
    readonly metrics?: MetricReader;
    /** Without one, alerts fire and clear without a notification. */
    readonly notifier?: Pick<Notifier, 'send'>;
    readonly onError?: ReportError;
    readonly states?: CollectionStates;
  };

/** The services, and an evaluator of the alerts. */
export interface OpenedPreferences extends PreferenceServices {
  readonly evaluator: AlertEvaluator;
  close(): Promise<void>;
}

/**
 * Opens settings, layouts, favourites and alerts.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @example
 * const { settings, close } = await openPreferences({ mongodbUri, requireWatchable });
 * const { version } = await settings.read('u-1');
 * await settings.patch('u-1', { time_zone: 'Europe/Berlin' }, version);
 */
export async function openPreferences(options: OpenPreferencesOptions): Promise<OpenedPreferences> {
  const { metrics = noMetrics, notifier, onError, states } = options;
  const { models, close } = await openModels(options, preferences, states && { states });
  return {
    ...createPreferenceServices({ ...options, models }),
    evaluator: new AlertEvaluator({
      models,
      metrics,
      notifier,
      requireWatchable: options.requireWatchable,
      ...(onError && { onError }),
    }),
    close,
  };
}

/** Makes the services over models that are bound already. */
export function createPreferenceServices(
  options: PreferencePorts & { readonly models: Models },
): PreferenceServices {
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

const noMetrics: MetricReader = {
  async readMetric({ metric }) {
    throw new InfratraqError(
      'alerts.metrics-missing',
      `Nobody reads the metric ${metric}: open preferences with the port metrics`,
    );
  },
};
