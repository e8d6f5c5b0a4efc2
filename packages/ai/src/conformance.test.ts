import { describeConformance } from '@infratraq/testing';
import { ai } from './category.js';
import { documents } from './example-documents.js';
import * as collectionsAndQueries from './index.js';

describeConformance(ai, collectionsAndQueries, { documents });
