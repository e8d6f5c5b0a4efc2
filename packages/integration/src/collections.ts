export { ApiRequestLog } from './api-request-log.js';
export { DeadLetterEvent } from './dead-letter-event.js';
export { IntegrationSyncLog } from './integration-sync-log.js';
export { WebhookEventLog } from './webhook-event-log.js';
