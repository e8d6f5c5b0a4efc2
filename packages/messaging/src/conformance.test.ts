import { describeConformance } from '@infratraq/testing';
import { exampleDocuments } from './example-documents.js';
import * as messaging from './index.js';

describeConformance(messaging.messaging, messaging, { documents: exampleDocuments });
