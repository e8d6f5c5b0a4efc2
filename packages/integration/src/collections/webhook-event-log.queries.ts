import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { WebhookEventLog, type WebhookOutcome } from './webhook-event-log.js';

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
