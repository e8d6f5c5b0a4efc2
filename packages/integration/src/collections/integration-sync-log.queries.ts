import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { IntegrationSyncLog, type SyncState } from './integration-sync-log.js';

/** One run, by the external system and the run's id. */
export const findSyncRun = defineQuery(IntegrationSyncLog, {
  example: { external_system: 'sap', run_id: 'run-1' },
  shape: ({ external_system, run_id }: { external_system: string; run_id: string }) => ({
    filter: { external_system, run_id },
  }),
});

/** Runs of one synchronisation, newest first. */
export const listRunsOfSync = defineQuery(IntegrationSyncLog, {
  example: { external_system: 'sap', sync_name: 'cost-centres' },
  shape: ({
    external_system,
    sync_name,
    ...range
  }: { external_system: string; sync_name: string } & TimeRange) => ({
    filter: { external_system, sync_name, ...withinTime('started_at', range) },
    sort: { started_at: -1 },
  }),
});

/** Runs in one state, newest first. */
export const listSyncRunsInState = defineQuery(IntegrationSyncLog, {
  example: { state: 'failed' as SyncState },
  shape: ({ state, ...range }: { state: SyncState } & TimeRange) => ({
    filter: { state, ...withinTime('started_at', range) },
    sort: { started_at: -1 },
  }),
});
