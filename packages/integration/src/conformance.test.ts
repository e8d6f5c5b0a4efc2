import { describeConformance } from '@infratraq/testing';
import { integration } from './category.js';
import * as collections from './collections.js';
import * as apiRequestLogQueries from './collections/api-request-log.queries.js';
import * as deadLetterEventQueries from './collections/dead-letter-event.queries.js';
import * as integrationSyncLogQueries from './collections/integration-sync-log.queries.js';
import * as webhookEventLogQueries from './collections/webhook-event-log.queries.js';
import { exampleDocuments } from './example-documents.js';

const served = {
  ...apiRequestLogQueries,
  ...deadLetterEventQueries,
  ...integrationSyncLogQueries,
  ...webhookEventLogQueries,
};

describeConformance(integration, { ...collections, ...served }, { documents: exampleDocuments });
