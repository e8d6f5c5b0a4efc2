import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { ApiRequestLog } from './api-request-log.js';

/** Conditions that narrow a listing of requests further, within what its index finds. */
export interface RequestConditions {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly user_id?: string | undefined;
  readonly route?: string | undefined;
  /** The status's first digit: 5 for all server errors. */
  readonly status_class?: number | undefined;
}

/** Requests of one user, newest first. */
export const listRequestsOfUser = defineQuery(ApiRequestLog, {
  example: { user_id: 'u-engineer-1' },
  shape: (conditions: RequestConditions & { user_id: string }) => newestFirst(conditions),
});

/** Requests that one route answered, newest first. */
export const listRequestsOfRoute = defineQuery(ApiRequestLog, {
  example: { route: '/api/v1/collections/:name' },
  shape: (conditions: RequestConditions & { route: string }) => newestFirst(conditions),
});

/** Requests that ended with a class of status, newest first. */
export const listRequestsByStatusClass = defineQuery(ApiRequestLog, {
  example: { status_class: 5 },
  shape: (conditions: Omit<RequestConditions, 'route' | 'user_id'> & { status_class: number }) =>
    newestFirst(conditions),
});

/** All requests within a time, newest first; the index that lets requests expire serves it. */
export const listRequestsInTime = defineQuery(ApiRequestLog, {
  example: { from: new Date('2026-01-01'), to: new Date('2026-01-02') },
  shape: (range: TimeRange) => newestFirst(range),
});

/** Requests that belong to one cause, in order. */
export const listRequestsOfCause = defineQuery(ApiRequestLog, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { created_at: 1 } }),
});

function newestFirst({ user_id, route, status_class, ...range }: RequestConditions) {
  return {
    filter: {
      ...(user_id !== undefined && { user_id }),
      ...(route !== undefined && { route }),
      ...(status_class !== undefined && { status_class }),
      ...withinTime('created_at', range),
    },
    sort: { created_at: -1 },
  } as const;
}
