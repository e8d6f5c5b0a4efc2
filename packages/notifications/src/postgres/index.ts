export { notificationMigrations } from './migrations/index.js';
export { createNotificationDirectory } from './notification-directory.js';
export type { NotificationTables } from './tables.js';
