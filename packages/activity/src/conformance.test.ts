import { describeConformance } from '@infratraq/testing';
import { exampleDocuments } from './example-documents.js';
import * as activity from './index.js';

describeConformance(activity.activity, activity, { documents: exampleDocuments });
