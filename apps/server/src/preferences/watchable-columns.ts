import { currentActor, ForbiddenError } from '@infratraq/kernel';
import type { RequireWatchable } from '@infratraq/preferences';
import { nameColumn, type ListHidden } from '../audit/hidden-columns.js';

const trailReaders = ['auditor', 'operator', 'admin'] as const;

/**
 * Decides which columns alerts may watch, and tell the values of: anybody may watch what anybody finds by search, and
 * inspections; nobody may watch sensitive columns.
 */
export function requireWatchableColumn({
  searchableTypes,
  listHidden,
}: {
  readonly searchableTypes: readonly string[];
  readonly listHidden: ListHidden;
}): RequireWatchable {
  const openTables = new Set([...searchableTypes, 'inspections']);
  return async (entityType, field) => {
    const roles = currentActor()?.roles ?? [];
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
  };
}
