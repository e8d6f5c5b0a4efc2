import { DefinitionError, requireRole, type EntityAccess } from '@infratraq/kernel';
import type { FastifyInstance } from 'fastify';

const entityPath = /(^|\/)entities\/:type\/:id(\/|$)/;

/**
 * Refuses requests of actors without the `entityRole` that a route asks for over the entity of its path. A route below
 * `entities/:type/:id` says that, which `roles` it takes, or that it is public.
 */
export function guardEntities(app: FastifyInstance, access: EntityAccess | undefined): void {
  if (!app.hasRequestDecorator('entityRole')) app.decorateRequest('entityRole', null);
  app.addHook('onRoute', ({ url, config }) => {
    if (!config?.entityRole && !config?.roles && !config?.public && entityPath.test(url))
      throw new DefinitionError(
        url,
        'entity-role',
        'Say which `entityRole` or `roles` this route takes, or that it is public',
      );
    if (config?.entityRole && !access)
      throw new DefinitionError(url, 'entity-access', 'Give registerTransport the port `access`');
  });
  // Before the body is read: who may not write sends nothing.
  app.addHook('onRequest', async (request) => {
    const { entityRole } = request.routeOptions.config;
    if (!entityRole || !access || request.is404) return;
    const { type, id } = request.params as { type: string; id: string };
    const entity = { entity_type: type, entity_id: id };
    request.entityRole = await requireRole(access, request.actor, entity, entityRole);
  });
}
