import { describeConformance } from '@infratraq/testing';
import { ai } from './category.js';
import * as collections from './collections.js';
import * as aiConversationQueries from './collections/ai-conversation.queries.js';
import * as mlModelRegistryQueries from './collections/ml-model-registry.queries.js';
import * as mlPredictionLogQueries from './collections/ml-prediction-log.queries.js';
import * as mlTrainingDatasetQueries from './collections/ml-training-dataset.queries.js';
import * as nlpQueryHistoryQueries from './collections/nlp-query-history.queries.js';
import { documents } from './example-documents.js';

const served = {
  ...aiConversationQueries,
  ...mlModelRegistryQueries,
  ...mlPredictionLogQueries,
  ...mlTrainingDatasetQueries,
  ...nlpQueryHistoryQueries,
};

describeConformance(ai, { ...collections, ...served }, { documents });
