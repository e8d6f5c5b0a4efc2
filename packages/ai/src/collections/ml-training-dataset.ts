import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** Kinds of feature that a model takes. */
export const featureKinds = ['number', 'category', 'boolean', 'text', 'vector'] as const;
export type FeatureKind = (typeof featureKinds)[number];

/** What a part of a dataset is used for. */
export const datasetSplits = ['train', 'validation', 'test'] as const;
export type DatasetSplit = (typeof datasetSplits)[number];

/** One column of the feature arrays. */
@modelOptions({ schemaOptions: { _id: false } })
export class FeatureColumn {
  @prop({ type: String, required: true, maxlength: 200 })
  name!: string;

  @prop({ type: String, required: true, enum: featureKinds })
  kind!: FeatureKind;

  @prop({ type: String, maxlength: 40 })
  unit?: string;

  /** Values of a category. */
  @prop({ type: [String], default: undefined })
  categories?: string[];
}

/** One sample: its features in the order of the columns, and what is to be learned. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class TrainingSample {
  @prop({ type: String })
  entity_type?: string;

  @prop({ type: String })
  entity_id?: string;

  @prop({ type: [Schema.Types.Mixed], required: true })
  features!: (number | string | boolean | number[] | null)[];

  @prop({ type: Schema.Types.Mixed })
  label?: number | string | boolean | null;

  @prop({ type: Number, min: 0 })
  weight?: number;

  /** The moment whose state the features describe. */
  @prop({ type: Date })
  observed_at?: Date;
}

/** One chunk of one version of a dataset; a version is complete when its last chunk is there. */
@Collection<MlTrainingDataset>({
  name: 'ml_training_dataset',
  purpose: 'Feature arrays for model training',
  time: 'created_at',
  retention: expiresAfter(days(365)),
  archive: 'before-expiry',
  growth: growth('moderate', { documentBytes: 200_000, documentsPerDay: 100 }),
  traits: ['append-only', 'variable-schema', 'nested-fields'],
  indexes: [
    {
      key: { dataset: 1, dataset_version: 1, split: 1, chunk: 1 },
      unique: true,
      serves: 'listDatasetChunks',
    },
    {
      key: { chunk: 1, split: 1, created_at: -1 },
      partial: { chunk: 0, split: 'train' },
      serves: 'listRecentDatasets',
    },
  ],
  shardKey: { dataset: 1 },
})
export class MlTrainingDataset {
  @prop({ type: String, required: true, maxlength: 200 })
  dataset!: string;

  @prop({ type: Number, required: true, min: 1 })
  dataset_version!: number;

  @prop({ type: String, required: true, enum: datasetSplits })
  split!: DatasetSplit;

  /** Position within the split, from 0. */
  @prop({ type: Number, required: true, min: 0 })
  chunk!: number;

  @prop({ type: Boolean, required: true, default: false })
  is_last_chunk!: boolean;

  /** What the dataset is to teach, in a sentence. */
  @prop({ type: String, maxlength: 1_000 })
  purpose?: string;

  @prop({ type: [FeatureColumn], required: true })
  columns!: FeatureColumn[];

  @prop({ type: String, maxlength: 200 })
  label_name?: string;

  @prop({
    type: [TrainingSample],
    required: true,
    validate: {
      validator: (samples: unknown[]) => samples.length <= 1_000,
      message: 'a chunk holds at most 1000 samples; begin another chunk',
    },
  })
  samples!: TrainingSample[];

  /** SHA-256 hex of the samples as they were written. */
  @prop({ type: String, required: true, match: /^[0-9a-f]{64}$/ })
  content_sha256!: string;

  /** Collections and tables that the samples were taken from. */
  @prop({ type: [String], required: true })
  sources!: string[];

  @prop({ type: String, required: true })
  created_by!: string;

  @prop({ type: String })
  cause_id?: string;

  @prop({ type: Date, required: true })
  created_at!: Date;
}
