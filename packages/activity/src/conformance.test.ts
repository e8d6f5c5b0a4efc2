import { describeConformance } from '@infratraq/testing';
import { activity } from './category.js';
import * as collections from './collections.js';
import * as featureUsageMetricQueries from './collections/feature-usage-metric.queries.js';
import * as searchQueryLogQueries from './collections/search-query-log.queries.js';
import * as userActivityEventQueries from './collections/user-activity-event.queries.js';
import { exampleDocuments } from './example-documents.js';

const served = { ...featureUsageMetricQueries, ...searchQueryLogQueries, ...userActivityEventQueries };

describeConformance(activity, { ...collections, ...served }, { documents: exampleDocuments });
