import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** Where a widget takes its data from. */
export const widgetSourceKinds = ['metric', 'report', 'snapshot', 'search', 'static'] as const;
export type WidgetSourceKind = (typeof widgetSourceKinds)[number];

/** Whom a layout is shared with. */
export const shareKinds = ['user', 'role', 'organisation', 'everyone'] as const;
export type ShareKind = (typeof shareKinds)[number];

/** What those it is shared with may do: see it as it is, take it as their own as well, or change it as well. */
export const shareAccesses = ['view', 'copy', 'edit'] as const;
export type ShareAccess = (typeof shareAccesses)[number];

/** Data source of a widget. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class WidgetSource {
  @prop({ type: String, required: true, enum: widgetSourceKinds })
  kind!: WidgetSourceKind;

  /** The metric, report type, dashboard or search that is meant. */
  @prop({ type: String, required: true, maxlength: 200 })
  reference!: string;

  @prop({ type: Schema.Types.Mixed })
  parameters?: Record<string, unknown>;
}

/** One widget on a dashboard; positions and sizes are in grid cells. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class DashboardWidget {
  @prop({ type: String, required: true, maxlength: 100 })
  widget_id!: string;

  /** How it draws (`number`, `line_chart`, `table`, `map`). */
  @prop({ type: String, required: true, maxlength: 100 })
  kind!: string;

  @prop({ type: String, maxlength: 800 })
  title?: string;

  @prop({ type: Number, required: true, min: 0, max: 99 })
  column!: number;

  @prop({ type: Number, required: true, min: 0, max: 9_999 })
  row!: number;

  @prop({ type: Number, required: true, min: 1, max: 100 })
  width!: number;

  @prop({ type: Number, required: true, min: 1, max: 100 })
  height!: number;

  @prop({ type: WidgetSource, required: true })
  source!: WidgetSource;

  @prop({ type: Number, min: 5, max: 86_400 })
  refresh_seconds?: number;

  @prop({ type: Schema.Types.Mixed })
  options?: Record<string, unknown>;
}

/** Somebody a layout is shared with. */
@modelOptions({ schemaOptions: { _id: false } })
export class LayoutShare {
  @prop({ type: String, required: true, enum: shareKinds })
  kind!: ShareKind;

  /** Id of the user, role or organisation; `*` for everyone. */
  @prop({ type: String, required: true, maxlength: 200 })
  id!: string;

  @prop({ type: String, required: true, enum: shareAccesses })
  access!: ShareAccess;
}

/** How one user has arranged one dashboard. */
@Collection<DashboardLayout>({
  name: 'dashboard_layout',
  purpose: 'Widget positions, sizes and data sources per user',
  retention: permanent(),
  growth: growth('low', { documentBytes: 6_000, documentsPerDay: 5 }),
  traits: ['nested-fields', 'variable-schema'],
  indexes: [
    { key: { user_id: 1, dashboard_id: 1 }, unique: true, serves: 'listLayoutsOfUser' },
    { key: { 'shared_with.id': 1 }, serves: 'listSharedLayouts' },
  ],
  shardKey: { user_id: 1 },
})
@modelOptions({ schemaOptions: { minimize: false } })
export class DashboardLayout {
  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  @prop({ type: String, required: true, maxlength: 100 })
  dashboard_id!: string;

  @prop({ type: String, required: true, maxlength: 800 })
  name!: string;

  /** Width of the grid in cells. */
  @prop({ type: Number, required: true, min: 1, max: 100, default: 12 })
  columns!: number;

  @prop({ type: [DashboardWidget], required: true })
  widgets!: DashboardWidget[];

  /** Offered to others as a starting point. */
  @prop({ type: Boolean, required: true, default: false })
  is_template!: boolean;

  /** The template that this layout was started from. */
  @prop({ type: String })
  template_id?: string;

  @prop({ type: [LayoutShare], required: true, default: [] })
  shared_with!: LayoutShare[];

  /** Counts writes from 1; a writer names the version it has read. */
  @prop({ type: Number, required: true, min: 1 })
  version!: number;

  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date, required: true })
  updated_at!: Date;
}
