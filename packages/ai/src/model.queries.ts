import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { MlModelRegistry, type ModelStage } from './ml-model-registry.js';
import { MlPredictionLog } from './ml-prediction-log.js';
import { MlTrainingDataset, type DatasetSplit } from './ml-training-dataset.js';

/** Which part of a dataset version. */
export interface DatasetSelection {
  readonly dataset: string;
  readonly dataset_version: number;
  readonly split: DatasetSplit;
}

/** The chunks of one part of a dataset version, in order. */
export const listDatasetChunks = defineQuery(MlTrainingDataset, {
  example: { dataset: 'delay_risk', dataset_version: 1, split: 'train' },
  shape: ({ dataset, dataset_version, split }: DatasetSelection) => ({
    filter: { dataset, dataset_version, split },
    sort: { chunk: 1 },
  }),
});

/** The first training chunk of each dataset version, the newest first. */
export const listRecentDatasets = defineQuery(MlTrainingDataset, {
  example: {},
  shape: (range: TimeRange) => ({
    filter: { chunk: 0, split: 'train', ...withinTime('created_at', range) },
    sort: { created_at: -1 },
  }),
});

/** One version of one model. */
export const findModelVersion = defineQuery(MlModelRegistry, {
  example: { model: 'delay_risk', model_version: 3 },
  shape: ({ model, model_version }: { model: string; model_version: number }) => ({
    filter: { model, model_version },
  }),
});

/** Versions of a model that stand in one stage, the newest first. */
export const listModelVersionsInStage = defineQuery(MlModelRegistry, {
  example: { model: 'delay_risk', stage: 'production' },
  shape: ({ model, stage }: { model: string; stage: ModelStage }) => ({
    filter: { model, stage },
    sort: { registered_at: -1 },
  }),
});

/** Predictions of one model version, the newest first. */
export const listPredictionsOfModel = defineQuery(MlPredictionLog, {
  example: { model: 'delay_risk', model_version: 3 },
  shape: ({ model, model_version, ...range }: { model: string; model_version: number } & TimeRange) => ({
    filter: { model, model_version, ...withinTime('predicted_at', range) },
    sort: { predicted_at: -1 },
  }),
});

/** Predictions about one entity, the newest first. */
export const listPredictionsOnEntity = defineQuery(MlPredictionLog, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({ entity_type, entity_id, ...range }: EntityReference & TimeRange) => ({
    filter: { entity_type, entity_id, ...withinTime('predicted_at', range) },
    sort: { predicted_at: -1 },
  }),
});

/** Predictions that follow from one request, in order. */
export const listPredictionsOfCause = defineQuery(MlPredictionLog, {
  example: { cause_id: '00000000-0000-4000-8000-000000000000' },
  shape: ({ cause_id }: { cause_id: string }) => ({ filter: { cause_id }, sort: { predicted_at: 1 } }),
});
