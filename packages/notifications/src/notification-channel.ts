/** Ways to reach a recipient. */
export const notificationChannels = ['email', 'sms', 'push', 'in_app'] as const;
export type NotificationChannel = (typeof notificationChannels)[number];
