export * from './category.js';
export * from './delivery-state.js';
export * from './notification-channel.js';
export * from './notification-delivery-parts.js';
export * from './notification-delivery.js';
export * from './push-notification-log.js';
export * from './queries.js';
export * from './sms-delivery-log.js';
