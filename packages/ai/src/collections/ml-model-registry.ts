import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** Where a model version stands on its way into and out of use. */
export const modelStages = ['draft', 'staging', 'production', 'retired'] as const;
export type ModelStage = (typeof modelStages)[number];

/** How well a version did on one measure. */
@modelOptions({ schemaOptions: { _id: false } })
export class ModelMetric {
  @prop({ type: String, required: true, maxlength: 100 })
  name!: string;

  @prop({ type: Number, required: true })
  value!: number;

  /** Part of the dataset that it was measured on. */
  @prop({ type: String, required: true, enum: ['train', 'validation', 'test'] })
  split!: 'train' | 'validation' | 'test';
}

/** The trained model in object storage. */
@modelOptions({ schemaOptions: { _id: false } })
export class ModelArtifact {
  @prop({ type: String, required: true, maxlength: 2_000 })
  uri!: string;

  @prop({ type: String, required: true, match: /^[0-9a-f]{64}$/ })
  sha256!: string;

  @prop({ type: Number, required: true, min: 1 })
  bytes!: number;

  /** `onnx`, `safetensors`, `pickle`. */
  @prop({ type: String, required: true, maxlength: 40 })
  format!: string;
}

/** The dataset version that a model was trained on. */
@modelOptions({ schemaOptions: { _id: false } })
export class DatasetReference {
  @prop({ type: String, required: true, maxlength: 200 })
  dataset!: string;

  @prop({ type: Number, required: true, min: 1 })
  dataset_version!: number;
}

/** One version of one model. */
@Collection<MlModelRegistry>({
  name: 'ml_model_registry',
  purpose: 'Model versions, hyperparameters, metrics',
  time: 'registered_at',
  retention: expiresAfter(days(365)),
  archive: 'before-expiry',
  growth: growth('low', { documentBytes: 3_000, documentsPerDay: 10 }),
  traits: ['variable-schema', 'flexible-payload', 'nested-fields'],
  indexes: [
    { key: { model: 1, model_version: 1 }, unique: true, serves: 'findModelVersion' },
    { key: { model: 1, stage: 1, registered_at: -1 }, serves: 'listModelVersionsInStage' },
  ],
  shardKey: { model: 1 },
})
@modelOptions({ schemaOptions: { minimize: false }, options: { allowMixed: Severity.ALLOW } })
export class MlModelRegistry {
  @prop({ type: String, required: true, maxlength: 200 })
  model!: string;

  @prop({ type: Number, required: true, min: 1 })
  model_version!: number;

  @prop({ type: String, required: true, enum: modelStages, default: 'draft' })
  stage!: ModelStage;

  /** `classification`, `regression`, `forecast`, `ranking`. */
  @prop({ type: String, required: true, maxlength: 100 })
  task!: string;

  @prop({ type: String, required: true, maxlength: 100 })
  framework!: string;

  @prop({ type: Schema.Types.Mixed, required: true })
  hyperparameters!: Record<string, unknown>;

  @prop({ type: [ModelMetric], required: true })
  metrics!: ModelMetric[];

  @prop({ type: [String], required: true })
  feature_names!: string[];

  @prop({ type: DatasetReference })
  trained_on?: DatasetReference;

  @prop({ type: ModelArtifact })
  artifact?: ModelArtifact;

  /** The version that this one was derived from. */
  @prop({ type: Number, min: 1 })
  parent_version?: number;

  @prop({ type: Number, min: 0 })
  training_seconds?: number;

  @prop({ type: String, maxlength: 4_000 })
  notes?: string;

  @prop({ type: String, required: true })
  registered_by!: string;

  @prop({ type: Date, required: true })
  registered_at!: Date;

  @prop({ type: String })
  stage_changed_by?: string;

  @prop({ type: Date })
  stage_changed_at?: Date;

  @prop({ type: String })
  cause_id?: string;
}
