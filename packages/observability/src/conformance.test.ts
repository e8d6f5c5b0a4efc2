import { describeConformance } from '@infratraq/testing';
import { exampleDocuments } from './example-documents.js';
import * as observability from './index.js';

describeConformance(observability.observability, observability, { documents: exampleDocuments });
