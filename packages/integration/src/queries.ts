import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { DeadLetterEvent, type DeadLetterState } from './dead-letter-event.js';
import { IntegrationSyncLog, type SyncState } from './integration-sync-log.js';
import { WebhookEventLog, type WebhookOutcome } from './webhook-event-log.js';

export * from './api-request-log.queries.js';

/** All attempts to deliver one event to one endpoint, in order. */
export const listAttemptsOfEvent = defineQuery(WebhookEventLog, {
  example: { endpoint_id: 'endpoint-1', event_id: 'event-1' },
  shape: ({ endpoint_id, event_id }: { endpoint_id: string; event_id: string }) => ({
    filter: { endpoint_id, event_id },
    sort: { attempt: 1 },
  }),
});

/** What was sent to one endpoint, or came from it, newest first. */
export const listWebhookEventsOfEndpoint = defineQuery(WebhookEventLog, {
  example: { endpoint_id: 'endpoint-1' },
  shape: ({ endpoint_id, ...range }: { endpoint_id: string } & TimeRange) => ({
    filter: { endpoint_id, ...withinTime('created_at', range) },
    sort: { created_at: -1 },
  }),
});

/** Attempts that ended in one way, newest first. */
export const listWebhookEventsByOutcome = defineQuery(WebhookEventLog, {
  example: { outcome: 'failed' as WebhookOutcome },
  shape: ({ outcome, ...range }: { outcome: WebhookOutcome } & TimeRange) => ({
    filter: { outcome, ...withinTime('created_at', range) },
    sort: { created_at: -1 },
  }),
});

/** Webhook events that follow from one request, in order. */
export const listWebhookEventsOfCause = defineQuery(WebhookEventLog, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { created_at: 1 } }),
});

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

/** Dead letters in one state, oldest first: the order in which they are replayed. */
export const listDeadLetters = defineQuery(DeadLetterEvent, {
  example: { state: 'open' as DeadLetterState },
  shape: ({ state, ...range }: { state: DeadLetterState } & TimeRange) => ({
    filter: { state, ...withinTime('created_at', range) },
    sort: { created_at: 1 },
  }),
});

/** Dead letters that were to go to one target, oldest first. */
export const listDeadLettersOfTarget = defineQuery(DeadLetterEvent, {
  example: { target: 'user_activity_event', state: 'open' as DeadLetterState },
  shape: ({ target, state, ...range }: { target: string; state: DeadLetterState } & TimeRange) => ({
    filter: { target, state, ...withinTime('created_at', range) },
    sort: { created_at: 1 },
  }),
});

/** Dead letters that follow from one request, in order. */
export const listDeadLettersOfCause = defineQuery(DeadLetterEvent, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { created_at: 1 } }),
});
