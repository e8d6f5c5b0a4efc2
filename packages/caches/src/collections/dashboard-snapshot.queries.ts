import { defineQuery } from '@infratraq/kernel';
import { DashboardSnapshot } from './dashboard-snapshot.js';

/** Snapshots of one dashboard, the latest first; `scope` is `all` unless told. */
export const findLatestSnapshot = defineQuery(DashboardSnapshot, {
  example: { dashboard_id: 'portfolio' },
  shape: ({ dashboard_id, scope = 'all' }: { dashboard_id: string; scope?: string }) => ({
    filter: { dashboard_id, scope },
    sort: { computed_at: -1 },
  }),
});

/** Snapshots that were computed from one kind of entity and hold all of its changes. */
export const listSnapshotsOnEntityType = defineQuery(DashboardSnapshot, {
  example: { entity_type: 'projects' },
  shape: ({ entity_type }: { entity_type: string }) => ({
    filter: { source_entity_types: entity_type, stale_since: { $exists: false } },
  }),
});
