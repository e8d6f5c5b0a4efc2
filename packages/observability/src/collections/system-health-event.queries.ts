import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { SystemHealthEvent, type HealthSeverity } from './system-health-event.js';

/** Findings of one check of one service, newest first. */
export const listHealthOfCheck = defineQuery(SystemHealthEvent, {
  example: { service: 'server', check: 'postgresql.replication-lag' },
  shape: ({ service, check, ...range }: { service: string; check: string } & TimeRange) => ({
    filter: { service, check, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Findings of one severity, newest first. */
export const listHealthBySeverity = defineQuery(SystemHealthEvent, {
  example: { severity: 'critical' as HealthSeverity },
  shape: ({ severity, ...range }: { severity: HealthSeverity } & TimeRange) => ({
    filter: { severity, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});
