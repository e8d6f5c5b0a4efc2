import { describeConformance } from '@infratraq/testing';
import { exampleDocuments } from './example-documents.js';
import * as audit from './index.js';

describeConformance(audit.audit, audit, { documents: exampleDocuments });
