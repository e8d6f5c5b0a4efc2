import { repeat, type EntityAccess, type EntityReference } from '@infratraq/kernel';
import type { Feature } from '../feature.js';
import { accessMigrations } from './access-migrations.js';
import { accessRoutes } from './access-routes.js';
import { EntityScopes } from './entity-scopes.js';
import { RestampAll, restampQueue } from './restamp-all.js';
import { restampScopes } from './restamp-scopes.js';
import { ScopeMembers, type ScopeListener } from './scope-members.js';
import { StampedDocuments } from './stamped-documents.js';

/** What other features may ask about access. */
export interface AccessServices extends EntityAccess {
  readonly scopes: EntityScopes;
  /** Those of these users who may see an entity, by the roles that the database knows of them. */
  whoSees(entity: EntityReference, userIds: readonly string[]): Promise<string[]>;
  /** Whether a user is not suspended or gone. */
  isActive(userId: string): Promise<boolean>;
  /** Adds a listener that is told when scopes are granted or revoked; the answer removes it. */
  readonly onChange: (listener: ScopeListener) => () => void;
}

const watchMilliseconds = 5_000;

/** Who may see what: members of scopes, and the scopes of entities along the foreign keys of their tables. */
export const access: Feature<object, AccessServices> = {
  migrations: [accessMigrations],
  jobs: [restampQueue],
  open: async ({ postgres, models, jobs, onError }, _needs, defer) => {
    const scopes = new EntityScopes({ postgres, models });
    const members = new ScopeMembers(postgres);
    const documents = new StampedDocuments({ models, postgres, scopes });
    const all = new RestampAll({ postgres, jobs, scopes, documents });
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
      isActive: (userId) => members.isActive(userId),
      whoSees: async (entity, userIds) => members.among(userIds, await scopes.of(entity)),
    };
    return {
      services,
      access: services,
      consumers: [restampScopes({ scopes, documents, all })],
      routes: async (api) =>
        void (await api.register(accessRoutes, { access: services, scopes, members, all })),
      start: async (_offers, started) => {
        await jobs.work(restampQueue, {}, (_taken, signal) => all.work(signal));
        const watching = repeat(() => all.beginIfChanged(), {
          everyMilliseconds: watchMilliseconds,
          onError: (error) => onError(error, 'comparing the scopes of documents with the schema'),
        });
        started(() => watching.stop());
      },
    };
  },
};
