export * from './category.js';
export * from './collections.js';
export * from './delivery-state.js';
export * from './notification-delivery-parts.js';
export * from './notification-delivery.js';
export * from './push-notification-log.js';
export * from './queries.js';
export type * from './senders/sender.js';
export * from './sms-delivery-log.js';
