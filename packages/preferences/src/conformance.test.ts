import { describeConformance } from '@infratraq/testing';
import { preferences } from './category.js';
import * as collections from './collections.js';
import * as layoutQueries from './collections/dashboard-layout.queries.js';
import * as alertQueries from './collections/user-alert-config.queries.js';
import * as favoriteQueries from './collections/user-favorite.queries.js';
import * as preferenceQueries from './collections/user-preference.queries.js';
import { documents } from './example-documents.js';

const queries = { ...layoutQueries, ...alertQueries, ...favoriteQueries, ...preferenceQueries };

describeConformance(preferences, { ...collections, ...queries }, { documents });
