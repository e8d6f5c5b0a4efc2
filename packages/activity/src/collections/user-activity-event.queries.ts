import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { UserActivityEvent } from './user-activity-event.js';

/** What one person did, newest first. */
export const listActivityOfUser = defineQuery(UserActivityEvent, {
  example: { user_id: 'u-engineer-1' },
  shape: ({ user_id, ...range }: { user_id: string } & TimeRange) => ({
    filter: { user_id, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** Events of one type, newest first. */
export const listActivityOfType = defineQuery(UserActivityEvent, {
  example: { event_type: 'page:viewed' },
  shape: ({ event_type, ...range }: { event_type: string } & TimeRange) => ({
    filter: { event_type, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});

/** A session from its beginning. */
export const listActivityOfSession = defineQuery(UserActivityEvent, {
  example: { session_id: 'session-1' },
  shape: ({ session_id }: { session_id: string }) => ({
    filter: { session_id },
    sort: { occurred_at: 1 },
  }),
});

/** What was done on one entity, newest first. */
export const listActivityOnEntity = defineQuery(UserActivityEvent, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({ entity_type, entity_id, ...range }: EntityReference & TimeRange) => ({
    filter: { entity_type, entity_id, ...withinTime('occurred_at', range) },
    sort: { occurred_at: -1 },
  }),
});
