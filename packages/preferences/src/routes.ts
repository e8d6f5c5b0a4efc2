import { defineRoutes } from '@infratraq/transport/fastify';
import { alertRoutes } from './alerts/alert-routes.js';
import { favoriteRoutes } from './favorites/favorite-routes.js';
import { layoutRoutes } from './layouts/layout-routes.js';
import type { PreferenceServices } from './open-preferences.js';
import { settingsRoutes } from './settings/settings-routes.js';

/** The caller's own settings, layouts, favourites and alerts, and layouts that are shared with the caller. */
export const preferenceRoutes = defineRoutes<PreferenceServices>(async (app, options) => {
  // Passed on as they are, the options would apply the prefix of this registration a second time.
  const { settings, organisations, layouts, favorites, alerts } = options;
  const services = { settings, organisations, layouts, favorites, alerts };
  await app.register(settingsRoutes, services);
  await app.register(layoutRoutes, services);
  await app.register(favoriteRoutes, services);
  await app.register(alertRoutes, services);
});
