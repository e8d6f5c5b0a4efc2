export { NotificationDelivery } from './notification-delivery.js';
export { PushNotificationLog } from './push-notification-log.js';
export { SmsDeliveryLog } from './sms-delivery-log.js';
