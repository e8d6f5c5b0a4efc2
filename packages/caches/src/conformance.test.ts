import { describeConformance } from '@infratraq/testing';
import { caches } from './category.js';
import * as collections from './collections.js';
import * as analyticsAggregateQueries from './collections/analytics-aggregate.queries.js';
import * as dashboardSnapshotQueries from './collections/dashboard-snapshot.queries.js';
import * as reportCacheQueries from './collections/report-cache.queries.js';
import * as searchIndexCacheQueries from './collections/search-index-cache.queries.js';
import { documents } from './example-documents.js';

const served = {
  ...analyticsAggregateQueries,
  ...dashboardSnapshotQueries,
  ...reportCacheQueries,
  ...searchIndexCacheQueries,
};

describeConformance(caches, { ...collections, ...served }, { documents });
