export type { ClickLinks } from './callbacks/click-links.js';
export { notifications } from './category.js';
export { NotificationDelivery } from './collections/notification-delivery.js';
export {
  findDelivery,
  listDeliveriesAboutEntity,
  listDeliveriesOfCause,
  listDeliveriesOfNotification,
} from './collections/notification-delivery.queries.js';
export { PushNotificationLog } from './collections/push-notification-log.js';
export { listPushesOfDelivery } from './collections/push-notification-log.queries.js';
export { SmsDeliveryLog } from './collections/sms-delivery-log.js';
export { listSmsOfDelivery } from './collections/sms-delivery-log.queries.js';
export type { MailComplaints } from './complaints/mail-complaints.js';
export { trackClicks } from './engagement/track-clicks.js';
export { Inbox } from './inbox/inbox.js';
export { notificationQueues } from './jobs/queues.js';
export {
  openNotifications,
  type OpenedNotifications,
  type OpenNotificationsOptions,
} from './open-notifications.js';
export type { Directory, DirectoryEntry } from './recipients/directory.js';
export { createSender } from './senders/create-sender.js';
export { openFcmSender, type FcmServiceAccount } from './senders/fcm.js';
export { openInAppSender } from './senders/in-app.js';
export { readRetryAfter, refuse, refuseConnection } from './senders/refuse.js';
export type { OutgoingMessage, ProviderReport, Sender, SendOutcome } from './senders/sender.js';
export { messageIdOf, openSmtpSender } from './senders/smtp.js';
export { openTwilioSender } from './senders/twilio.js';
export { openWebPushSender } from './senders/web-push.js';
export type { DeadDelivery } from './context/notification-context.js';
export { NotificationService } from './service/notification-service.js';
export type { NotificationServiceOptions } from './service/notification-service-options.js';
export { defineNotificationType, type NotificationType } from './templates/notification-type.js';
export type { RenderedText } from './templates/template-catalog.js';
/** The zod of this package, for the schemas of types. */
export { z } from 'zod';
