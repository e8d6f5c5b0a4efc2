import { describeConformance } from '@infratraq/testing';
import { notifications } from './category.js';
import * as collections from './collections.js';
import * as notificationDeliveryQueries from './collections/notification-delivery.queries.js';
import * as pushNotificationLogQueries from './collections/push-notification-log.queries.js';
import * as smsDeliveryLogQueries from './collections/sms-delivery-log.queries.js';
import { exampleDocuments } from './example-documents.js';

const served = { ...notificationDeliveryQueries, ...pushNotificationLogQueries, ...smsDeliveryLogQueries };

describeConformance(notifications, { ...collections, ...served }, { documents: exampleDocuments });
