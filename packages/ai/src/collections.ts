export { MlTrainingDataset } from './collections/ml-training-dataset.js';
export { MlModelRegistry } from './collections/ml-model-registry.js';
export { MlPredictionLog } from './collections/ml-prediction-log.js';
export { NlpQueryHistory } from './collections/nlp-query-history.js';
export { AiConversation } from './collections/ai-conversation.js';
