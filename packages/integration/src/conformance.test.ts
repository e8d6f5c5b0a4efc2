import { describeConformance } from '@infratraq/testing';
import { exampleDocuments } from './example-documents.js';
import * as integration from './index.js';

describeConformance(integration.integration, integration, { documents: exampleDocuments });
