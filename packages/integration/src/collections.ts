export { ApiRequestLog } from './collections/api-request-log.js';
export { DeadLetterEvent } from './collections/dead-letter-event.js';
export { IntegrationSyncLog } from './collections/integration-sync-log.js';
export { WebhookEventLog } from './collections/webhook-event-log.js';
