import type { Models } from '@infratraq/mongo';
import { z } from 'zod';
import { DashboardLayout, shareAccesses, shareKinds, widgetSourceKinds } from './dashboard-layout.js';
import { parseInput } from './parse-input.js';
import { findLayout } from './queries.js';
import { writeVersioned } from './write-versioned.js';

const name = z.string().min(1).max(200);
const freeForm = z.record(z.string(), z.unknown());

/** One widget as a client sends it; positions and sizes are in grid cells. */
export const widgetSchema = z.strictObject({
  widget_id: z.string().min(1).max(100),
  kind: z.string().min(1).max(100),
  title: z.string().max(200).optional(),
  column: z.int().min(0).max(99),
  row: z.int().min(0).max(9_999),
  width: z.int().min(1).max(100),
  height: z.int().min(1).max(100),
  source: z.strictObject({
    kind: z.enum(widgetSourceKinds),
    reference: name,
    parameters: freeForm.optional(),
  }),
  refresh_seconds: z.int().min(5).max(86_400).optional(),
  options: freeForm.optional(),
});

/** A layout as a client sends it. */
export const layoutSchema = z
  .strictObject({
    name,
    columns: z.int().min(1).max(100).default(12),
    widgets: z.array(widgetSchema).max(100),
    is_template: z.boolean().default(false),
    template_id: name.optional(),
    shared_with: z
      .array(z.strictObject({ kind: z.enum(shareKinds), id: name, access: z.enum(shareAccesses) }))
      .max(100)
      .default([]),
  })
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    value.widgets.forEach((widget, index) => {
      if (seen.has(widget.widget_id))
        issues.push(fault(widget, ['widgets', index, 'widget_id'], 'is used by two widgets'));
      seen.add(widget.widget_id);
      if (widget.column + widget.width > value.columns)
        issues.push(fault(widget, ['widgets', index, 'width'], `reaches beyond column ${value.columns}`));
    });
  });
/** A layout as a client sends it. */
export type LayoutInput = z.input<typeof layoutSchema>;

/** A layout as it is read; version 0 where none has been written. */
export type Layout = z.output<typeof layoutSchema> & { dashboard_id: string; version: number };

/** Reads and writes how users have arranged their dashboards. */
export class DashboardLayouts {
  readonly #models: Models;

  constructor(options: { models: Models }) {
    this.#models = options.models;
  }

  /** A user's layout of a dashboard; an empty one at version 0 where none has been written. */
  async read(user_id: string, dashboard_id: string): Promise<Layout> {
    const stored = await this.#models.findOne(findLayout, { user_id, dashboard_id });
    return (
      stored ?? {
        dashboard_id,
        version: 0,
        name: dashboard_id,
        columns: 12,
        widgets: [],
        is_template: false,
        shared_with: [],
      }
    );
  }

  /**
   * Writes a layout as a whole.
   * @throws ConflictError `preferences.stale` when `version` is not the latest
   * @throws InvalidInputError `preferences.invalid`
   */
  async write(user_id: string, dashboard_id: string, layout: LayoutInput, version: number): Promise<Layout> {
    const fields = parseInput(layoutSchema, layout);
    return writeVersioned(this.#models.of(DashboardLayout), {
      what: `the layout of ${dashboard_id}`,
      key: { user_id, dashboard_id },
      expected: version,
      fields: { ...fields, template_id: fields.template_id },
      at: new Date(),
    });
  }
}

function fault(input: unknown, path: (string | number)[], message: string) {
  return { code: 'custom' as const, input, path, message };
}
