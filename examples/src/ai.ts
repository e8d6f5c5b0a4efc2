// A model's version is registered with what it was trained on, and found by the stage it stands in.
import { randomUUID } from 'node:crypto';
import { ai, listModelVersionsInStage, MlModelRegistry, sumTokenUsage } from '@infratraq/ai';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = ai.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

const model = `delay_risk_${randomUUID()}`;
await models.of(MlModelRegistry).insertMany(
  [1, 2].map((model_version) => ({
    model,
    model_version,
    stage: model_version === 1 ? 'production' : 'staging',
    task: 'regression',
    framework: 'scikit-learn 1.7',
    hyperparameters: { depth: 4 + model_version },
    metrics: [{ name: 'mean_absolute_error', value: 2 / model_version, split: 'test' }],
    feature_names: ['discipline', 'planned_days'],
    trained_on: { dataset: 'delay_risk', dataset_version: model_version },
    registered_by: 'u-analyst-1',
    registered_at: new Date(),
  })),
);
const [live] = await models.find(listModelVersionsInStage, { model, stage: 'production' });
console.log(`in production: version ${live?.model_version}, depth ${String(live?.hyperparameters['depth'])}`);

const usage = { input_tokens: 900, output_tokens: 120, cached_input_tokens: 400 };
console.log(`two answers used ${sumTokenUsage([usage, usage]).output_tokens} output tokens`);
await mongo.close();
