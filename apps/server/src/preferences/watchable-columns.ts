import { currentActor, ForbiddenError, requireRole, roleOver, type EntityAccess } from '@infratraq/kernel';
import type { RequireWatchable } from '@infratraq/preferences';
import { nameColumn, type ListHidden } from '../audit/hidden-columns.js';

const trailReaders = ['auditor', 'operator', 'admin'] as const;

/**
 * Decides which columns alerts may watch, and tell the values of: what search finds, and inspections, may be watched by
 * those who see the entity; metrics by those who see all entities; sensitive columns by nobody.
 */
export function requireWatchableColumn({
  access,
  searchableTypes,
  listHidden,
}: {
  readonly access: EntityAccess;
  readonly searchableTypes: readonly string[];
  readonly listHidden: ListHidden;
}): RequireWatchable {
  const openTables = new Set([...searchableTypes, 'inspections']);
  return async (entityType, field, entityId) => {
    const actor = currentActor();
    const roles = actor?.roles ?? [];
    if (entityType === '*') {
      if (!actor || !(await roleOver(access, actor, { entity_type: '*', entity_id: '*' })))
        throw new ForbiddenError(
          'Metrics are figures of all entities; you see some of them',
          'alerts.not-watchable',
        );
      return;
    }
    if (!openTables.has(entityType) && !trailReaders.some((role) => roles.includes(role)))
      throw new ForbiddenError(
        `To watch ${entityType} you need one of the roles ${trailReaders.join(', ')}`,
        'alerts.not-watchable',
      );
    if ((await listHidden()).has(nameColumn(entityType, field)))
      throw new ForbiddenError(
        `${field} of ${entityType} is sensitive, and alerts would tell its values`,
        'alerts.not-watchable',
      );
    if (entityId !== undefined && actor && !trailReaders.some((role) => roles.includes(role)))
      await requireRole(access, actor, { entity_type: entityType, entity_id: entityId }, 'viewer');
  };
}
