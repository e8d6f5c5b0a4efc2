import type { EntityAccess } from '@infratraq/kernel';
import type { Feature } from '../feature.js';
import { accessMigrations } from './access-migrations.js';
import { accessRoutes } from './access-routes.js';
import { EntityScopes } from './entity-scopes.js';
import { restampScopes } from './restamp-scopes.js';
import { ScopeMembers, type ScopeListener } from './scope-members.js';

/** What other features may ask about access. */
export interface AccessServices extends EntityAccess {
  readonly scopes: EntityScopes;
  /** Adds a listener that is told when scopes are granted or revoked; the answer removes it. */
  readonly onChange: (listener: ScopeListener) => () => void;
}

/** Who may see what: members of scopes, and the scopes of entities along the foreign keys of their tables. */
export const access: Feature<object, AccessServices> = {
  migrations: [accessMigrations],
  open: async ({ postgres, models, onError }, _needs, defer) => {
    const scopes = new EntityScopes({ postgres, models });
    const members = new ScopeMembers(postgres);
    // Before any other listener: it asks anew under which rules entities have their scopes.
    members.onChange((userId) => userId === undefined && scopes.forget());
    const following = await members.follow(postgres, (error) =>
      onError(error, 'following members of scopes'),
    );
    defer(() => following.close());
    const services: AccessServices = {
      scopes,
      onChange: (listener) => members.onChange(listener),
      scopesOfActor: (actor) => members.heldBy(actor),
      scopesOfEntity: (entity) => scopes.of(entity),
    };
    return {
      services,
      access: services,
      consumers: [restampScopes({ postgres, models, scopes })],
      routes: async (api) => void (await api.register(accessRoutes, { access: services, scopes, members })),
    };
  },
};
