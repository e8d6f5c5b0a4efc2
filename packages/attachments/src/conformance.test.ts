import { describeConformance } from '@infratraq/testing';
import { exampleDocuments } from './example-documents.js';
import * as attachments from './index.js';

describeConformance(attachments.attachments, attachments, { documents: exampleDocuments });
