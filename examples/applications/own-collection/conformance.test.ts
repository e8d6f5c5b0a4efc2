import { describeConformance } from '@infratraq/testing';
import * as collections from './collections.js';
import * as queries from './collections/site-visit.queries.js';
import { site } from './store.js';

describeConformance(site, { ...collections, ...queries });
