import { describeConformance } from '@infratraq/testing';
import { preferences } from './category.js';
import { documents } from './example-documents.js';
import * as collectionsAndQueries from './index.js';

describeConformance(preferences, collectionsAndQueries, { documents });
