import 'reflect-metadata';
import { between, Collection, days, growth, hours } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** One computed report, kept under the hash of its type and parameters; services in other languages read it too. */
@Collection<ReportCache>({
  name: 'report_cache',
  purpose: 'Rendered report output cached by parameter hash',
  time: 'created_at',
  retention: between(hours(1), days(30)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 50_000, documentsPerDay: 4_000 }),
  traits: ['variable-schema', 'flexible-payload'],
  indexes: [
    { key: { cache_key: 1 }, unique: true, serves: 'findCachedReport' },
    { key: { report_type: 1, created_at: -1 }, serves: 'listCachedReportsOfType' },
    {
      key: { source_entity_types: 1 },
      partial: { source_entity_types: { $exists: true } },
      serves: 'listCachedReportsOnEntityType',
    },
  ],
  shardKey: { cache_key: 1 },
})
@modelOptions({ schemaOptions: { minimize: false }, options: { allowMixed: Severity.ALLOW } })
export class ReportCache {
  /** SHA-256 hex of `type:json`, with the parameters as Python's `json.dumps(params, sort_keys=True)` writes them. */
  @prop({ type: String, required: true, match: /^[0-9a-f]{64}$/ })
  cache_key!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  report_type!: string;

  @prop({ type: Schema.Types.Mixed, required: true })
  params!: Record<string, unknown>;

  /** What the report's generator returned. */
  @prop({ type: Schema.Types.Mixed })
  output_data?: unknown;

  /** Kinds of entity that the output was computed from; a change of one makes it stale. */
  @prop({ type: [String], default: undefined })
  source_entity_types?: string[];

  @prop({ type: Number, required: true, min: 0 })
  generation_ms!: number;

  /** Who asked when it was computed. */
  @prop({ type: String })
  requested_by?: string;

  @prop({ type: String })
  cause_id?: string;

  /** When the output was computed. */
  @prop({ type: Date, required: true })
  created_at!: Date;

  /** From this moment on the output is not served, whether or not it is still stored. */
  @prop({ type: Date, required: true })
  expires_at!: Date;
}
