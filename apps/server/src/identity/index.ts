import type { Feature } from '../feature.js';
import { devTokenRoutes } from './dev-token-routes.js';

/** Makes tokens for development, where the server may. */
export const identity: Feature<object, object> = {
  open: ({ postgres, tokens: { issue } }) => ({
    services: {},
    routes: async (api) => {
      if (!issue) return;
      await api.register(devTokenRoutes, {
        async issue(user, roles) {
          // A user of development exists from the first token on, so that others can invite them.
          await postgres.db
            .insertInto('infratraq.users')
            .values({ user_id: user, display_name: user, roles: [...roles] })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
          return issue(user, roles);
        },
      });
    },
  }),
};
