import { describeConformance } from '@infratraq/testing';
import { observability } from './category.js';
import * as collections from './collections.js';
import * as backgroundJobLogQueries from './collections/background-job-log.queries.js';
import * as errorLogQueries from './collections/error-log.queries.js';
import * as performanceMetricQueries from './collections/performance-metric.queries.js';
import * as systemHealthEventQueries from './collections/system-health-event.queries.js';
import { exampleDocuments } from './example-documents.js';

const served = {
  ...backgroundJobLogQueries,
  ...errorLogQueries,
  ...performanceMetricQueries,
  ...systemHealthEventQueries,
};

describeConformance(observability, { ...collections, ...served }, { documents: exampleDocuments });
