import { describeConformance } from '@infratraq/testing';
import { messaging } from './category.js';
import * as collections from './collections.js';
import * as queries from './collections/queries.js';
import { exampleDocuments } from './example-documents.js';

describeConformance(messaging, { ...collections, ...queries }, { documents: exampleDocuments });
