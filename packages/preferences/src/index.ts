export * from './category.js';
export * from './dashboard-layout.js';
export * from './notification-settings.js';
export * from './queries.js';
export * from './user-alert-config.js';
export * from './user-favorite.js';
export * from './user-preference.js';
