import {
  NotFoundError,
  requireRole,
  roleOver,
  scopeRoles,
  type EntityAccess,
  type EntityReference,
} from '@infratraq/kernel';
import { requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { EntityScopes } from './entity-scopes.js';
import { describeAccess } from './report-access-coverage.js';
import type { RestampAll } from './restamp-all.js';
import { scopeNameOf } from './scope-graph.js';
import type { ScopeMembers } from './scope-members.js';

/** What the routes of access work with. */
export interface AccessRoutesOptions {
  readonly access: EntityAccess;
  readonly scopes: EntityScopes;
  readonly members: ScopeMembers;
  readonly all: Pick<RestampAll, 'progress'>;
}

const role = z.enum(scopeRoles);
const scopeParameters = z.strictObject({
  scope: z.string().min(1).max(300).describe('As `project:42`'),
});
const memberParameters = scopeParameters.extend({ user: z.string().min(1).max(200) });
const memberSchema = z.object({ user_id: z.string(), role, granted_at: timestamp });
const coverageSchema = z.object({
  entity_type: z.string(),
  state: z
    .enum(['scoped', 'open', 'none'])
    .describe('Who sees its documents: members of its scopes, all members, or operators and admins alone'),
  paths: z.array(z.string()).describe('Ways to scope tables, the shortest first'),
  declared: z.boolean().describe("An operator's rule holds instead of the foreign keys"),
});
const restampSchema = z
  .object({
    restamped: z.int().describe('Entities whose documents have been looked at'),
    begun_at: timestamp,
    finished_at: timestamp.nullable().describe('Null while it runs'),
  })
  .describe('The last time that all documents were given the present scopes of their entities');
const tags = ['access'];

/** Routes of scopes and their members. */
export const accessRoutes = defineRoutes<AccessRoutesOptions>(
  async (app, { access, scopes, members, all }) => {
    app.get(
      '/access/coverage',
      {
        config: { roles: ['operator', 'admin'] },
        schema: {
          summary: 'List every table with the paths by which its rows belong to scopes',
          tags,
          response: {
            200: z.object({ items: z.array(coverageSchema), restamping: restampSchema.nullable() }),
          },
        },
      },
      async () => ({
        restamping: (await all.progress()) ?? null,
        items: describeAccess(await scopes.graph()).map((one) => ({ ...one, paths: [...one.paths] })),
      }),
    );

    app.get(
      '/access/scopes/:scope/members',
      {
        config: { access: 'scopes' },
        schema: {
          summary: 'List the members of a scope; for those who see it',
          tags,
          params: scopeParameters,
          response: { 200: z.object({ items: z.array(memberSchema) }) },
        },
      },
      async ({ params: { scope } }) => {
        await requireScopeRole(scope, 'viewer');
        return { items: await members.list(scope) };
      },
    );

    app.put(
      '/access/scopes/:scope/members/:user',
      {
        config: { access: 'scopes' },
        schema: {
          summary: 'Give a user a role in a scope; for its managers and operators',
          tags,
          params: memberParameters,
          body: z.strictObject({ role }),
          response: { 200: z.object({ scope: z.string(), user_id: z.string(), role }) },
        },
      },
      async ({ params: { scope, user: user_id }, body }) => {
        await requireScopeRole(scope, 'manager');
        await members.grant(scope, user_id, body.role);
        return { scope, user_id, role: body.role };
      },
    );

    app.delete(
      '/access/scopes/:scope/members/:user',
      {
        config: { access: 'scopes' },
        schema: {
          summary: 'Take a user out of a scope; for its managers and operators',
          tags,
          params: memberParameters,
          response: { 204: z.null() },
        },
      },
      async ({ params: { scope, user } }, reply) => {
        await requireScopeRole(scope, 'manager');
        if (!(await members.revoke(scope, user)))
          throw new NotFoundError(`${user} is no member of ${scope}`, 'scope.member-unknown');
        return reply.status(204).send(null);
      },
    );

    async function requireScopeRole(scope: string, atLeast: (typeof scopeRoles)[number]): Promise<void> {
      const unknown = new NotFoundError(`There is no scope ${scope}`, 'scope.unknown');
      const entity = await findScopeEntity(scope);
      if (!entity || !(await access.scopesOfEntity(entity)).includes(scope)) throw unknown;
      if (!(await roleOver(access, requireActor(), entity))) throw unknown;
      await requireRole(access, requireActor(), entity, atLeast);
    }

    async function findScopeEntity(scope: string): Promise<EntityReference | undefined> {
      const graph = await scopes.graph();
      const at = scope.indexOf(':');
      const types = [...graph.tables.keys()];
      const entity_type = types.find((type) => scopeNameOf(graph, type) === scope.slice(0, Math.max(at, 0)));
      return entity_type === undefined ? undefined : { entity_type, entity_id: scope.slice(at + 1) };
    }
  },
);
