import type { Feature } from '../feature.js';
import { devTokenRoutes } from './dev-token-routes.js';

/** Makes tokens for development, where the server may. */
export const identity: Feature<object, object> = {
  open: ({ tokens: { issue } }) => ({
    services: {},
    routes: async (api) => {
      if (issue) await api.register(devTokenRoutes, { issue });
    },
  }),
};
