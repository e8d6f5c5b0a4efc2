import { pageOf, pageQuery, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { Stored } from '@infratraq/mongo';
import { z } from 'zod';
import { forbidStoring } from './forbid-storing.js';
import type { AuditHistory } from '../history/audit-history.js';
import { nameSchema, rowIdSchema } from '../history/audit-input.js';
import { disclosureParameters, rowParameters, tableNames, timeRange } from '../history/change-schemas.js';
import { changeOperations, changeSources, type EntityChangelog } from '../collections/entity-changelog.js';
import { fieldMaskings, fieldOperations } from '../collections/field-audit-log.js';
import { renderValue, valueNotation } from '../history/render-value.js';
import type { FieldAudit } from './field-audit.js';
import type { SensitiveReader } from './sensitive-reader.js';

/** What the routes of fields work with. */
export interface FieldRoutesOptions {
  readonly history: AuditHistory;
  readonly reader: SensitiveReader;
  readonly fieldAudit: FieldAudit;
}

const value = z
  .unknown()
  .optional()
  .describe(`Absent where the row had none, or where it is not known. ${valueNotation}.`);

const who = {
  changed_by: z.string(),
  changed_at: timestamp,
  ip_address: z.string().optional(),
  session_id: z.string().optional(),
  cause_id: z.string().optional(),
  reason: z.string().optional(),
};

const fieldChange = z
  .object({
    change_id: z.string(),
    entity_type: z.string().describe('What its table was called then'),
    operation: z.enum(changeOperations),
    old_value: value,
    new_value: value,
    ...who,
    source: z.enum(changeSources),
  })
  .meta({ id: 'FieldChange' });

const fieldHistory = pageOf(fieldChange)
  .extend({
    ...tableNames,
    entity_type: z.string(),
    entity_id: z.string(),
    field: z.string(),
    masking: z
      .enum(fieldMaskings)
      .nullable()
      .describe('How the values are masked here; null when they are not'),
  })
  .meta({ id: 'FieldHistory' });

const fieldEntry = z
  .object({
    id: z.string(),
    change_id: z.string().describe('The change, or the one whose values were read'),
    entity_type: z.string(),
    entity_id: z.string(),
    field: z.string(),
    operation: z.enum(fieldOperations).describe('READ: somebody was shown the values unmasked'),
    masking: z.enum(fieldMaskings),
    old_value: z.string().optional().describe('Masked'),
    new_value: z.string().optional().describe('Masked'),
    ...who,
  })
  .meta({ id: 'FieldAuditEntry' });

/** Routes of fields and their audit, for auditors, operators and administrators. */
export const fieldRoutes = defineRoutes<FieldRoutesOptions>(async (app, { history, reader, fieldAudit }) => {
  forbidStoring(app);
  const config = { roles: ['auditor', 'operator', 'admin'] as const };

  app.get(
    '/audit/entities/:type/:id/fields/:field',
    {
      config,
      schema: {
        summary: "A field's history: what it was before and after each change, newest first",
        tags: ['audit'],
        params: rowParameters.extend({ field: nameSchema }),
        querystring: pageQuery.extend({ ...timeRange, ...disclosureParameters }),
        response: { 200: fieldHistory },
      },
    },
    async ({ params: { type, id, field }, query: { cursor, limit, unmasked, reason, from, to } }) => {
      const entity = { entity_type: type, entity_id: id };
      const { items, ...page } = await history.listFieldChanges(
        entity,
        field,
        { from, to },
        { cursor, limit },
      );
      const masking = (await reader.maskingOf(type, field)) ?? null;
      // Of the other fields nothing is shown, so reading them is not recorded either.
      const narrowed = items.map((change) => narrow(change, field));
      const shown = await reader.show(narrowed, { unmasked, reason });
      return {
        ...entity,
        field,
        masking: unmasked ? null : masking,
        ...page,
        items: shown.map((change) => renderFieldChange(change, field)),
      };
    },
  );

  app.get(
    '/audit/field-changes',
    {
      config,
      schema: {
        summary: 'Changes of sensitive fields, masked, and who read them unmasked, newest first',
        tags: ['audit'],
        querystring: pageQuery.extend({
          entity_type: nameSchema.optional().describe('Together with entity_id and field'),
          entity_id: rowIdSchema.optional(),
          field: nameSchema.optional(),
          change_id: nameSchema.optional(),
          changed_by: nameSchema.optional().describe('Who changed or read it'),
          operation: z.enum(fieldOperations).optional(),
          ...timeRange,
        }),
        response: { 200: pageOf(fieldEntry) },
      },
    },
    async ({ query: { cursor, limit, ...filter } }) => {
      const { items, next_cursor } = await fieldAudit.list(filter, { cursor, limit });
      return { items: items.map(({ _id, ...rest }) => ({ ...rest, id: _id })), next_cursor };
    },
  );
});

type Change = Stored<EntityChangelog>;

function narrow(change: Change, field: string): Change {
  const only = (row: Record<string, unknown> | null | undefined) =>
    row && Object.hasOwn(row, field) ? { [field]: row[field] } : null;
  return { ...change, old_value: only(change.old_value), new_value: only(change.new_value) };
}

function renderFieldChange({ _id: change_id, old_value, new_value, ...rest }: Change, field: string) {
  return {
    ...rest,
    change_id,
    ...(old_value && { old_value: renderValue(old_value[field]) }),
    ...(new_value && { new_value: renderValue(new_value[field]) }),
  };
}
