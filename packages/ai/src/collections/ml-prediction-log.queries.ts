import { defineQuery, withinTime, type EntityReference, type TimeRange } from '@infratraq/kernel';
import { MlPredictionLog } from './ml-prediction-log.js';

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
