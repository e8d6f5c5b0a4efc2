import { defineReport, z } from '@infratraq/caches';
import {
  filterByScopes,
  hours,
  type EntityAccess,
  type HeldScope,
  type ScopeFilter,
} from '@infratraq/kernel';
import type { Authenticate } from '@infratraq/transport';
import { defineRoutes, registerTransport } from '@infratraq/transport/fastify';
import type { FastifyInstance } from 'fastify';

const access: EntityAccess = {
  scopesOfActor: async ({ user_id, roles }) => (roles.includes('admin') ? 'all' : readScopesOf(user_id)),
  scopesOfEntity: async ({ entity_type, entity_id }) => readScopesOfRow(entity_type, entity_id),
};
await app.register(registerTransport, { authenticate, access });

export const craneRoutes = defineRoutes(async (routes) => {
  routes.get('/cranes', { config: { access: 'scopes' } }, async ({ entityAccess, actor }) =>
    listCranes(await filterByScopes(entityAccess, actor)),
  );
});

export const projectProgress = defineReport({
  type: 'project_progress',
  title: 'Progress of a project',
  parameters: z.strictObject({ project_id: z.string() }),
  freshnessSeconds: hours(1),
  about: ({ project_id }) => ({ entity_type: 'projects', entity_id: project_id }),
  generate: async ({ project_id }) => readProgress(project_id),
});

declare const app: FastifyInstance;
declare const authenticate: Authenticate;
declare function readScopesOf(user_id: string): Promise<HeldScope[]>;
declare function readScopesOfRow(entity_type: string, entity_id: string): Promise<string[]>;
declare function listCranes(visible: ScopeFilter): Promise<object[]>;
declare function readProgress(project_id: string): Promise<object>;
