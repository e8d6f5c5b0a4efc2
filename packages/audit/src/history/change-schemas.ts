import type { Stored } from '@infratraq/mongo';
import { timestamp } from '@infratraq/transport';
import { z } from 'zod';
import { changeOperations, changeSources, type EntityChangelog } from '../collections/entity-changelog.js';
import { nameSchema, reasonSchema, rowIdSchema } from './audit-input.js';
import { renderRow, valueNotation } from './render-value.js';

const row = z.record(z.string(), z.unknown()).describe(`A row by its columns. ${valueNotation}.`);

/** A change as the API gives it. */
export const changeSchema = z
  .object({
    id: z.string(),
    entity_type: z.string(),
    entity_id: z.string(),
    whole_table: z.boolean().optional().describe('Whether the change concerns the whole table'),
    operation: z.enum(changeOperations),
    moved_to: z
      .string()
      .optional()
      .describe('Of a DELETE: the id under which the row goes on, for its key was changed'),
    moved_from: z
      .string()
      .optional()
      .describe('Of an INSERT: the id that the row had before its key was changed'),
    old_value: row.nullable(),
    new_value: row.nullable(),
    changed_fields: z.array(z.string()),
    uncertain_fields: z
      .array(z.string())
      .optional()
      .describe('Columns that the update may have changed: their values before are not in the log'),
    omitted_fields: z
      .array(z.string())
      .optional()
      .describe('Columns whose values were left out because the change is larger than a document may be'),
    unchanged_fields: z
      .array(z.string())
      .optional()
      .describe('Columns that new_value lacks: not touched by the update, and not in the log'),
    unknown_fields: z
      .array(z.string())
      .optional()
      .describe('Columns of a deleted row that old_value lacks: not in the log'),
    changed_by: z.string(),
    changed_at: timestamp,
    ip_address: z.string().optional(),
    session_id: z.string().optional(),
    cause_id: z.string().optional(),
    reason: z.string().optional(),
    schema_name: z.string(),
    table_name: z.string(),
    transaction_id: z.string(),
    lsn: z.string().describe("Commit position in PostgreSQL's write-ahead log"),
    position: z.int().describe('Place within the transaction, from 0'),
    source: z.enum(changeSources),
  })
  .meta({ id: 'Change' });

/** A row as it was at a time, as the API gives it. */
export const rowAsOfSchema = z
  .object({
    entity_type: z.string(),
    entity_id: z.string(),
    at: timestamp,
    known_as: z
      .string()
      .optional()
      .describe('What the table was called then, where it got the name that was asked for later'),
    row,
    unknown_fields: z
      .array(z.string())
      .optional()
      .describe('Columns that the row had and whose values the trail does not hold; the row lacks them'),
    omitted_fields: z
      .array(z.string())
      .optional()
      .describe('Columns whose values were too large for the trail; the row has their sizes and digests'),
    since: z
      .object({ change_id: z.string(), changed_at: timestamp, changed_by: z.string() })
      .nullable()
      .describe('The change that made the row so; null when it was so before the trail begins'),
  })
  .meta({ id: 'RowAsOf' });

/** What a page of a row's changes says of the table's names. */
export const tableNames = {
  also_known_as: z
    .array(z.object({ entity_type: z.string(), until: timestamp }))
    .optional()
    .describe('Former names of the table, the last one first; changes until then carry them'),
  renamed_to: z
    .object({ entity_type: z.string(), at: timestamp })
    .optional()
    .describe('What the table that had this name is called since'),
};

/** Path parameters that name a row of any table. */
export const rowParameters = z.strictObject({ type: nameSchema, id: rowIdSchema });

/** Query parameters of a time range. */
export const timeRange = {
  from: timestamp.optional().describe('Inclusive'),
  to: timestamp.optional().describe('Exclusive'),
};

/** Query parameters with which sensitive values are asked for as they are. */
export const disclosureParameters = {
  unmasked: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe(
      'Shows sensitive values as they are, to auditors and administrators; that they read them is recorded',
    ),
  reason: reasonSchema.optional().describe('Why they are read unmasked'),
};

/** Writes a change for the API. */
export function renderChange({ _id, old_value, new_value, ...rest }: Stored<EntityChangelog>) {
  return { ...rest, id: _id, old_value: renderRow(old_value), new_value: renderRow(new_value) };
}
