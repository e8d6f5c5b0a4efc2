import { activityRoutes } from '@infratraq/activity/routes';
import type { Feature } from '../feature.js';

/** What users do: recorded in batches. */
export const activity: Feature<object, object> = {
  open: ({ events }) => ({
    services: {},
    routes: async (api) => void (await api.register(activityRoutes, { events })),
  }),
};
