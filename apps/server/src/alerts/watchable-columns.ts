import { currentActor, ForbiddenError } from '@infratraq/kernel';
import type { SensitiveFieldKeeper } from '@infratraq/audit';
import type { RequireWatchable } from '@infratraq/preferences';
import { searchableTables } from '../consumers/searchable-tables.js';

/** What anybody may watch: what anybody finds by search, and inspections. */
const openTables = new Set([...searchableTables.map(({ entityType }) => entityType), 'inspections']);
const trailReaders = ['auditor', 'operator', 'admin'] as const;

/** Decides which columns alerts may watch, and tell the values of. */
export function decideWatchable(sensitiveFields: Pick<SensitiveFieldKeeper, 'list'>): {
  readonly requireWatchable: RequireWatchable;
  /** The columns that nobody may watch, as `nameColumn` names them. */
  readonly listHidden: () => Promise<ReadonlySet<string>>;
} {
  const listHidden = async () => {
    const fields = await sensitiveFields.list();
    return new Set(fields.map(({ table_name, column_name }) => nameColumn(table_name, column_name)));
  };
  return {
    listHidden,
    async requireWatchable(entityType, field) {
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
    },
  };
}

/** One name for a column of a table. */
export function nameColumn(entityType: string, column: string): string {
  return `${entityType} ${column}`;
}
