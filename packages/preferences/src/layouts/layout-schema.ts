import { plainText } from '@infratraq/transport';
import { z } from 'zod';
import { shareAccesses, shareKinds, widgetSourceKinds } from '../collections/dashboard-layout.js';

const reference = z.string().min(1).max(200);
const freeForm = z.record(z.string(), z.unknown());

/** One widget as a client sends it; positions and sizes are in grid cells. */
const widgetSchema = z.strictObject({
  widget_id: z.string().min(1).max(100),
  kind: z.string().min(1).max(100),
  title: plainText({ characters: 200, empty: true }).optional(),
  column: z.int().min(0).max(99),
  row: z.int().min(0).max(9_999),
  width: z.int().min(1).max(100),
  height: z.int().min(1).max(100),
  source: z.strictObject({
    kind: z.enum(widgetSourceKinds),
    reference,
    parameters: freeForm.optional(),
  }),
  refresh_seconds: z.int().min(5).max(86_400).optional(),
  options: freeForm.optional(),
});
type Widget = z.output<typeof widgetSchema>;

/** Somebody a layout is shared with. */
const shareSchema = z
  .strictObject({ kind: z.enum(shareKinds), id: reference, access: z.enum(shareAccesses) })
  .refine(({ kind, id }) => kind !== 'everyone' || id === '*', {
    path: ['id'],
    message: 'is * for everyone',
  });

/** A layout as a client sends it. */
export const layoutSchema = z
  .strictObject({
    name: plainText({ characters: 200 }),
    columns: z.int().min(1).max(100).default(12),
    widgets: z.array(widgetSchema).max(100),
    is_template: z.boolean().default(false),
    template_id: reference.optional(),
    shared_with: z.array(shareSchema).max(100).default([]),
  })
  .check(({ value, issues }) => {
    const { widgets, columns } = value;
    const refuse = (index: number, field: string, message: string) =>
      issues.push({ code: 'custom', input: widgets[index], path: ['widgets', index, field], message });
    widgets.forEach((widget, index) => {
      const earlier = widgets.slice(0, index);
      if (earlier.some(({ widget_id }) => widget_id === widget.widget_id))
        refuse(index, 'widget_id', 'is used by two widgets');
      if (widget.column + widget.width > columns) refuse(index, 'width', `reaches beyond column ${columns}`);
      const covered = earlier.find((other) => overlaps(widget, other));
      if (covered) refuse(index, 'column', `lies on the widget ${covered.widget_id}`);
    });
  });
/** A layout as a client sends it. */
export type LayoutInput = z.input<typeof layoutSchema>;

function overlaps(one: Widget, other: Widget): boolean {
  return (
    one.column < other.column + other.width &&
    other.column < one.column + one.width &&
    one.row < other.row + other.height &&
    other.row < one.row + one.height
  );
}
