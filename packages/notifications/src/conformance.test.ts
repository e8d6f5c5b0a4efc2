import { describeConformance } from '@infratraq/testing';
import { exampleDocuments } from './example-documents.js';
import * as notifications from './index.js';

describeConformance(notifications.notifications, notifications, { documents: exampleDocuments });
