import { describeConformance } from '@infratraq/testing';
import { audit } from './category.js';
import * as collections from './collections.js';
import * as manifestQueries from './collections/archive-manifest.queries.js';
import * as changelogQueries from './collections/entity-changelog.queries.js';
import * as fieldQueries from './collections/field-audit-log.queries.js';
import { exampleDocuments } from './example-documents.js';

const queries = { ...manifestQueries, ...changelogQueries, ...fieldQueries };

describeConformance(audit, { ...collections, ...queries }, { documents: exampleDocuments });
