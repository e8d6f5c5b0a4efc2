import type { EntityAccess, EntityReference } from '@infratraq/kernel';
import type { Feature } from '../feature.js';
import { accessMigrations } from './access-migrations.js';
import { accessRoutes } from './access-routes.js';
import { EntityScopes } from './entity-scopes.js';
import { restampScopes } from './restamp-scopes.js';
import { ScopeMembers } from './scope-members.js';

/** What other features may ask about access. */
export interface AccessServices extends EntityAccess {
  readonly scopes: EntityScopes;
  /** Those of these users who may see an entity, by the roles that the database knows of them. */
  whoSees(entity: EntityReference, userIds: readonly string[]): Promise<string[]>;
  /** Whether a user is not suspended or gone. */
  isActive(userId: string): Promise<boolean>;
}

/** Who may see what: members of scopes, and the scopes of entities along the foreign keys of their tables. */
export const access: Feature<object, AccessServices> = {
  migrations: [accessMigrations],
  open: async ({ postgres, models, onError }, _needs, defer) => {
    const scopes = new EntityScopes({ postgres, models });
    const members = new ScopeMembers(postgres);
    const following = await members.follow(postgres, (error) =>
      onError(error, 'following members of scopes'),
    );
    defer(() => following.close());
    const services: AccessServices = {
      scopes,
      scopesOfActor: (actor) => members.heldBy(actor),
      scopesOfEntity: (entity) => scopes.of(entity),
      isActive: (userId) => members.isActive(userId),
      whoSees: async (entity, userIds) => members.among(userIds, await scopes.of(entity)),
    };
    return {
      services,
      access: services,
      consumers: [restampScopes(models, scopes)],
      routes: async (api) => void (await api.register(accessRoutes, { access: services, scopes, members })),
    };
  },
};
