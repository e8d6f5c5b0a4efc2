export { createDeviceRepository, type DeviceRepository, type RegisteredDevice } from './device-repository.js';
export { createMailComplaintRepository } from './mail-complaint-repository.js';
export { notificationMigrations } from './migrations/index.js';
export { createNotificationDirectory } from './notification-directory.js';
export type { NotificationTables } from './tables.js';
