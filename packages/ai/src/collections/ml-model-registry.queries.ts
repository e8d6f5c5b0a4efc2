import { defineQuery } from '@infratraq/kernel';
import { MlModelRegistry, type ModelStage } from './ml-model-registry.js';

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
