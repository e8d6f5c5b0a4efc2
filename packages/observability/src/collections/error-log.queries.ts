import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { ErrorLog, type ErrorLevel } from './error-log.js';

/** Errors of one kind, newest first. */
export const listErrorsOfKind = defineQuery(ErrorLog, {
  example: { fingerprint: '0123456789abcdef0123456789abcdef' },
  shape: ({ fingerprint, ...range }: { fingerprint: string } & TimeRange) => ({
    filter: { fingerprint, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Errors of one service and level, newest first. */
export const listErrorsOfService = defineQuery(ErrorLog, {
  example: { service: 'server', level: 'error' as ErrorLevel },
  shape: ({ service, level, ...range }: { service: string; level: ErrorLevel } & TimeRange) => ({
    filter: { service, level, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Errors that follow from one request, in order. */
export const listErrorsOfCause = defineQuery(ErrorLog, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { occurred_at: 1 } }),
});
