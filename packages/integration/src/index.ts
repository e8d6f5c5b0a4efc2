export { integration } from './category.js';
export { ApiRequestLog } from './collections/api-request-log.js';
export { listRequestsOfCause } from './collections/api-request-log.queries.js';
export { DeadLetterEvent } from './collections/dead-letter-event.js';
export {
  listDeadLetters,
  listDeadLettersOfCause,
  listDeadLettersOfTarget,
} from './collections/dead-letter-event.queries.js';
export { IntegrationSyncLog } from './collections/integration-sync-log.js';
export {
  findSyncRun,
  listRunsOfSync,
  listSyncRunsInState,
} from './collections/integration-sync-log.queries.js';
export { WebhookEventLog } from './collections/webhook-event-log.js';
export {
  listAttemptsOfEvent,
  listWebhookEventsByOutcome,
  listWebhookEventsOfCause,
  listWebhookEventsOfEndpoint,
} from './collections/webhook-event-log.queries.js';
export type { DeadLetterReplays } from './dead-letters/dead-letter-replays.js';
export { DeadLetters } from './dead-letters/dead-letters.js';
export { replayEvents, type LetterOutcome } from './dead-letters/replay-events.js';
export { openIntegration } from './open-integration.js';
export { describeMessage, type PassedMessage } from './requests/describe-message.js';
export { listRequests } from './requests/list-requests.js';
