import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** One answer that a model considered, with its confidence. */
@modelOptions({ schemaOptions: { _id: false } })
export class PredictionCandidate {
  @prop({ type: String, required: true, maxlength: 200 })
  label!: string;

  @prop({ type: Number, required: true, min: 0, max: 1 })
  confidence!: number;
}

/** How much one feature moved the prediction. */
@modelOptions({ schemaOptions: { _id: false } })
export class FeatureContribution {
  @prop({ type: String, required: true, maxlength: 200 })
  feature!: string;

  @prop({ type: Number, required: true })
  contribution!: number;
}

/** What turned out to be true, once that was known. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class PredictionOutcome {
  @prop({ type: Schema.Types.Mixed, required: true })
  actual!: number | string | boolean;

  @prop({ type: Date, required: true })
  recorded_at!: Date;
}

/** One prediction: what went in, what came out, and how sure the model was. */
@Collection<MlPredictionLog>({
  name: 'ml_prediction_log',
  purpose: 'Input features and output predictions with confidence',
  time: 'predicted_at',
  retention: expiresAfter(days(90)),
  archive: 'before-expiry',
  growth: growth('high', { documentBytes: 1_200, documentsPerDay: 60_000 }),
  traits: ['append-only', 'variable-schema', 'flexible-payload'],
  indexes: [
    { key: { model: 1, model_version: 1, predicted_at: -1 }, serves: 'listPredictionsOfModel' },
    {
      key: { entity_type: 1, entity_id: 1, predicted_at: -1 },
      partial: { entity_type: { $exists: true } },
      serves: 'listPredictionsOnEntity',
    },
    {
      key: { cause_id: 1, predicted_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listPredictionsOfCause',
    },
  ],
  shardKey: { _id: 'hashed' },
})
@modelOptions({ schemaOptions: { minimize: false }, options: { allowMixed: Severity.ALLOW } })
export class MlPredictionLog {
  @prop({ type: String, required: true, maxlength: 200 })
  model!: string;

  @prop({ type: Number, required: true, min: 1 })
  model_version!: number;

  @prop({ type: String })
  entity_type?: string;

  @prop({ type: String })
  entity_id?: string;

  @prop({ type: Schema.Types.Mixed, required: true })
  features!: Record<string, unknown>;

  @prop({ type: Schema.Types.Mixed, required: true })
  prediction!: number | string | boolean;

  @prop({ type: Number, required: true, min: 0, max: 1 })
  confidence!: number;

  @prop({ type: [PredictionCandidate], default: undefined })
  candidates?: PredictionCandidate[];

  @prop({ type: [FeatureContribution], default: undefined })
  contributions?: FeatureContribution[];

  @prop({ type: PredictionOutcome })
  outcome?: PredictionOutcome;

  @prop({ type: Number, required: true, min: 0 })
  latency_ms!: number;

  @prop({ type: String })
  user_id?: string;

  @prop({ type: String })
  cause_id?: string;

  @prop({ type: Date, required: true })
  predicted_at!: Date;
}
