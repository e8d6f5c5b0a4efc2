import { describeConformance } from '@infratraq/testing';
import { caches } from './category.js';
import { documents } from './example-documents.js';
import * as collectionsAndQueries from './index.js';

describeConformance(caches, collectionsAndQueries, { documents });
