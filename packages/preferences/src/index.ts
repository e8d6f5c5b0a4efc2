export { preferences } from './category.js';
export { DashboardLayout } from './collections/dashboard-layout.js';
export { UserAlertConfig } from './collections/user-alert-config.js';
export type {
  AlertValue,
  MetricGranularity,
  MetricStatistic,
} from './collections/user-alert-config-parts.js';
export { UserFavorite } from './collections/user-favorite.js';
export { UserPreference } from './collections/user-preference.js';
export { alertConfigSchema, type AlertConfigInput } from './alerts/alert-config-schema.js';
export { AlertConfigs, type RequireWatchable } from './alerts/alert-configs.js';
export { AlertEvaluator } from './alerts/alert-evaluator.js';
export type { EntityChange, EntityChangeKind } from './alerts/entity-change.js';
export type { MetricReader, MetricSelection } from './alerts/metric-reader.js';
export { favoriteSchema, type FavoriteInput } from './favorites/favorites.js';
export { layoutSchema, type LayoutInput } from './layouts/layout-schema.js';
export type { Layout } from './layouts/dashboard-layouts.js';
export {
  createPreferenceServices,
  openPreferences,
  type OpenedPreferences,
  type OpenPreferencesOptions,
  type PreferenceServices,
} from './open-preferences.js';
export { defaultSettings } from './settings/effective-settings.js';
export type { Organisations } from './settings/organisation-defaults.js';
export type { Preferences } from './settings/preference-service.js';
export type { StoredSettings } from './settings/settings-migrations.js';
export {
  settingsPatchSchema,
  settingsSchema,
  type Settings,
  type SettingsPatch,
} from './settings/settings-schema.js';
export { StaleVersionError } from './writing/write-versioned.js';
