import { DefinitionError, ForbiddenError, requireRole, roleOver, type EntityAccess } from '@infratraq/kernel';
import type { FastifyInstance } from 'fastify';

// Stands for all entities: whoever sees it sees each.
const everything = { entity_type: '*', entity_id: '*' };
const entityPath = /(^|\/)entities\/:type\/:id(\/|$)/;

/**
 * Refuses requests of actors without the `entityRole` that a route asks for over the entity of its path, and those of
 * actors who see only some entities where a route shows everything. A route below `entities/:type/:id` says which of its
 * kinds it is: by `entityRole`, by `roles`, or as public.
 */
export function guardEntities(app: FastifyInstance, access: EntityAccess | undefined): void {
  if (!app.hasRequestDecorator('entityRole')) app.decorateRequest('entityRole', null);
  if (!app.hasRequestDecorator('entityAccess'))
    app.decorateRequest('entityAccess', null as unknown as EntityAccess);
  app.addHook('onRoute', ({ url, config }) => {
    if (!config?.entityRole && !config?.roles && !config?.public && entityPath.test(url))
      throw new DefinitionError(
        url,
        'entity-role',
        'Say which `entityRole` or `roles` this route takes, or that it is public',
      );
    const asks = config?.entityRole ?? ['scopes', 'everything'].includes(config?.access ?? '');
    if (asks && !access)
      throw new DefinitionError(url, 'entity-access', 'Give registerTransport the port `access`');
  });
  // Before the body is read: who may not write sends nothing.
  app.addHook('onRequest', async (request) => {
    const { entityRole, access: reach } = request.routeOptions.config;
    if (!access || request.is404) return;
    request.entityAccess = access;
    if (reach === 'everything' && !(await roleOver(access, request.actor, everything)))
      throw new ForbiddenError('This shows figures of all entities; you see some of them', 'access.partial');
    if (!entityRole) return;
    const { type, id } = request.params as { type: string; id: string };
    const entity = { entity_type: type, entity_id: id };
    request.entityRole = await requireRole(access, request.actor, entity, entityRole);
  });
}
