export * from './api-request-log.js';
export * from './category.js';
export * from './collections.js';
export * from './dead-letter-event.js';
export * from './http-message.js';
export * from './integration-sync-log.js';
export * from './queries.js';
export * from './webhook-event-log.js';
