import { describeConformance } from '@infratraq/testing';
import { attachments } from './category.js';
import * as collections from './collections.js';
import * as queries from './collections/attachment-metadata.queries.js';
import { exampleDocuments } from './example-documents.js';

describeConformance(attachments, { ...collections, ...queries }, { documents: exampleDocuments });
