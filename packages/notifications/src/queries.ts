export * from './notification-delivery.queries.js';
export * from './push-notification-log.queries.js';
export * from './sms-delivery-log.queries.js';
