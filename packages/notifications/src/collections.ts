export { NotificationDelivery } from './collections/notification-delivery.js';
export { PushNotificationLog } from './collections/push-notification-log.js';
export { SmsDeliveryLog } from './collections/sms-delivery-log.js';
