export { MlTrainingDataset } from './ml-training-dataset.js';
export { MlModelRegistry } from './ml-model-registry.js';
export { MlPredictionLog } from './ml-prediction-log.js';
export { NlpQueryHistory } from './nlp-query-history.js';
export { AiConversation } from './ai-conversation.js';
