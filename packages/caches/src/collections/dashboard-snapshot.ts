import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** How a tile shows its data. */
export const tileKinds = ['number', 'series', 'breakdown', 'table'] as const;
export type TileKind = (typeof tileKinds)[number];

/** How a tile's value stands against its target. */
export const tileStatuses = ['good', 'warning', 'critical', 'unknown'] as const;
export type TileStatus = (typeof tileStatuses)[number];

/** One point of a tile's time series. */
@modelOptions({ schemaOptions: { _id: false } })
export class TilePoint {
  @prop({ type: Date, required: true })
  at!: Date;

  @prop({ type: Number, required: true })
  value!: number;
}

/** One part of a tile's breakdown. */
@modelOptions({ schemaOptions: { _id: false } })
export class TilePart {
  @prop({ type: String, required: true, maxlength: 200 })
  label!: string;

  @prop({ type: Number, required: true })
  value!: number;
}

/** What one tile shows. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class DashboardTile {
  @prop({ type: String, required: true, maxlength: 100 })
  tile_id!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  title!: string;

  @prop({ type: String, required: true, enum: tileKinds })
  kind!: TileKind;

  @prop({ type: Number })
  value?: number;

  @prop({ type: Number })
  previous_value?: number;

  @prop({ type: Number })
  target_value?: number;

  @prop({ type: String, maxlength: 40 })
  unit?: string;

  @prop({ type: String, required: true, enum: tileStatuses, default: 'unknown' })
  status!: TileStatus;

  @prop({ type: [TilePoint], default: undefined })
  series?: TilePoint[];

  @prop({ type: [TilePart], default: undefined })
  breakdown?: TilePart[];

  /** Rows of a table tile, as the tile's source gave them. */
  @prop({ type: [Schema.Types.Mixed], default: undefined })
  rows?: Record<string, unknown>[];
}

/** The tiles of one dashboard as they were computed at one moment. */
@Collection<DashboardSnapshot>({
  name: 'dashboard_snapshot',
  purpose: 'Pre-aggregated KPI data for dashboard tiles',
  time: 'computed_at',
  retention: expiresAfter(days(1)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 8_000, documentsPerDay: 10_000 }),
  traits: ['nested-fields', 'variable-schema'],
  indexes: [
    {
      key: { dashboard_id: 1, scope: 1, computed_at: -1 },
      unique: true,
      serves: 'findLatestSnapshot',
    },
    {
      key: { source_entity_types: 1, stale_since: 1 },
      partial: { source_entity_types: { $exists: true } },
      serves: 'listSnapshotsOnEntityType',
    },
  ],
  shardKey: { dashboard_id: 1 },
})
export class DashboardSnapshot {
  @prop({ type: String, required: true, maxlength: 100 })
  dashboard_id!: string;

  /** What the figures cover: `all`, or an entity as `type:id`. */
  @prop({ type: String, required: true, default: 'all', maxlength: 200 })
  scope!: string;

  @prop({ type: String })
  entity_type?: string;

  @prop({ type: String })
  entity_id?: string;

  @prop({ type: [DashboardTile], required: true })
  tiles!: DashboardTile[];

  @prop({ type: Number, required: true, min: 0 })
  computation_ms!: number;

  /** Changes up to this moment are in the figures. */
  @prop({ type: Date })
  complete_until?: Date;

  /** Kinds of entity that the figures were computed from; a change of one makes them stale. */
  @prop({ type: [String], default: undefined })
  source_entity_types?: string[];

  /** A change since then is not in the figures. */
  @prop({ type: Date })
  stale_since?: Date;

  @prop({ type: Date, required: true })
  computed_at!: Date;
}
