export { ai } from './category.js';
export { AiConversation } from './collections/ai-conversation.js';
export {
  listConversationsOfCause,
  listConversationsOfUser,
  listConversationsOnEntity,
} from './collections/ai-conversation.queries.js';
export { MlModelRegistry } from './collections/ml-model-registry.js';
export { findModelVersion, listModelVersionsInStage } from './collections/ml-model-registry.queries.js';
export { MlPredictionLog } from './collections/ml-prediction-log.js';
export {
  listPredictionsOfCause,
  listPredictionsOfModel,
  listPredictionsOnEntity,
} from './collections/ml-prediction-log.queries.js';
export { MlTrainingDataset } from './collections/ml-training-dataset.js';
export { listDatasetChunks, listRecentDatasets } from './collections/ml-training-dataset.queries.js';
export { NlpQueryHistory } from './collections/nlp-query-history.js';
export {
  listQueriesOfCause,
  listQueriesOfIntent,
  listQueriesOfUser,
} from './collections/nlp-query-history.queries.js';
export { sumTokenUsage } from './collections/token-usage.js';
export { openAi } from './open-ai.js';
