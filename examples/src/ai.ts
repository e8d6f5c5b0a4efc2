// A prediction is stored with the features that it was made of, and found again by its model.
import { listPredictionsOfModel, MlPredictionLog, openAi } from '@infratraq/ai';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const { models, close } = await openAi({ mongodbUri });
const made = { features: { span_m: 42 }, prediction: 12.5, confidence: 0.8, latency_ms: 3 };
const model = { model: 'delay_days', model_version: 1 };
await models.of(MlPredictionLog).create({ ...model, ...made, predicted_at: new Date() });
const [last] = await models.find(listPredictionsOfModel, model);
console.log(`${String(last?.features['span_m'])} m: ${last?.prediction} days late`);
await close();
