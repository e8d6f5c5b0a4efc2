import type { ApiRequestLog } from './collections/api-request-log.js';
import type { DeadLetterEvent } from './collections/dead-letter-event.js';
import type { HttpMessage } from './collections/http-message.js';
import type { IntegrationSyncLog } from './collections/integration-sync-log.js';
import type { WebhookEventLog } from './collections/webhook-event-log.js';

const cause_id = '7b0d4f2e-9c0a-4f55-9d0e-3a1f6f2f9a01';
const at = (time: string): Date => new Date(`2026-01-15T${time}Z`);

const message = (payload: string): HttpMessage => ({
  headers: [{ name: 'content-type', value: 'application/json' }],
  content_type: 'application/json',
  payload,
  payload_bytes: Buffer.byteLength(payload),
  payload_truncated: false,
});

/** One complete document per collection of this category, for its tests. */
export const exampleDocuments = {
  ApiRequestLog: (): ApiRequestLog => ({
    created_at: at('10:00:00'),
    expires_at: new Date('2026-03-01T00:00:00Z'),
    direction: 'inbound',
    method: 'GET',
    route: '/api/v1/collections/:name',
    path: '/api/v1/collections/nothing',
    query: 'detail=full',
    host: '127.0.0.1:3000',
    external_system: 'sap',
    status: 404,
    status_class: 4,
    duration_ms: 3.25,
    request: message(''),
    response: message('{"code":"collection.unknown"}'),
    error_code: 'collection.unknown',
    user_id: 'u-operator-1',
    session_id: 'session-1',
    ip_address: '192.0.2.10',
    request_id: 'req-1',
    cause_id,
  }),
  WebhookEventLog: (): WebhookEventLog => ({
    created_at: at('10:00:00'),
    expires_at: new Date('2026-03-01T00:00:00Z'),
    direction: 'outbound',
    endpoint_id: 'endpoint-1',
    event_id: 'event-1',
    event_type: 'project:updated',
    attempt: 2,
    outcome: 'failed',
    url: 'https://partner.example/hooks',
    status: 503,
    duration_ms: 812,
    signature_key_id: 'key-2',
    signature_valid: true,
    request: message('{"project":"42"}'),
    response: message('{"error":"busy"}'),
    failure: { code: 'webhook.status', message: 'the endpoint answered 503' },
    next_attempt_at: at('10:05:00'),
    entity_type: 'projects',
    entity_id: '42',
    cause_id,
  }),
  IntegrationSyncLog: (): IntegrationSyncLog => ({
    external_system: 'sap',
    run_id: 'run-1',
    sync_name: 'cost-centres',
    direction: 'import',
    trigger: 'schedule',
    state: 'partial',
    started_at: at('02:00:00'),
    finished_at: at('02:01:30'),
    duration_ms: 90_000,
    counts: { read: 120, created: 5, updated: 20, deleted: 1, unchanged: 93, failed: 1 },
    failures: [
      {
        external_id: 'CC-9',
        entity_type: 'cost_centres',
        entity_id: '9',
        code: 'sync.unmapped',
        message: 'no project has this number',
      },
    ],
    cursor_before: '2026-01-14T02:00:00Z',
    cursor_after: '2026-01-15T02:00:00Z',
    parameters: { plant: '1000', deep: { full: false } },
    user_id: 'u-operator-1',
    cause_id,
  }),
  DeadLetterEvent: (): DeadLetterEvent => ({
    created_at: at('10:00:00'),
    origin: 'ingest',
    target: 'user_activity_event',
    reason: { code: 'event.invalid', message: 'event_type is required', fields: ['event_type'] },
    payload: { user_id: 'u-1', properties: { tab: 'costs' } },
    payload_bytes: 64,
    attempts: 1,
    last_attempt_at: at('10:00:01'),
    state: 'discarded',
    replayable: false,
    resolution: { resolved_at: at('11:00:00'), resolved_by: 'u-operator-1', note: 'old client' },
    source_position: '0/1A2B3C4',
    entity_type: 'projects',
    entity_id: '42',
    user_id: 'u-1',
    cause_id,
  }),
};
