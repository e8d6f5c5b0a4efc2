import type { ReportContext } from '@infratraq/caches';
import type { EntityReference } from '@infratraq/kernel';
import type { EntityScopes } from '../access/entity-scopes.js';

/** Keeps the rows whose entity belongs to one of the scopes that a report is run for. */
export type KeepVisible = <Row>(
  rows: readonly Row[],
  scopes: ReportContext['scopes'],
  entityOf: (row: Row) => EntityReference,
) => Promise<readonly Row[]>;

export function createKeepVisible(entityScopes: Pick<EntityScopes, 'ofMany'>): KeepVisible {
  return async (rows, scopes, entityOf) => {
    if (scopes === 'all') return rows;
    const found = await entityScopes.ofMany(rows.map(entityOf));
    return rows.filter((_, place) => found[place]?.some((scope) => scopes.includes(scope)));
  };
}
