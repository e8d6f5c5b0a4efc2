import { pageOf, pageQuery, timestamp, type Routes } from '@infratraq/transport';
import type { Stored } from '@infratraq/mongo';
import { z } from 'zod';
import type { AuditHistory } from './audit-history.js';
import { changeOperations, changeSources, type EntityChangelog } from './entity-changelog.js';
import { renderRow, valueNotation } from './render-value.js';

export { sealRoutes, type SealRoutesOptions } from './seals/seal-routes.js';

/** What the audit routes work with. */
export interface AuditRoutesOptions {
  readonly history: AuditHistory;
}

const row = z.record(z.string(), z.unknown()).describe(`A row by its columns. ${valueNotation}.`);

const change = z
  .object({
    id: z.string(),
    entity_type: z.string(),
    entity_id: z.string(),
    operation: z.enum(changeOperations),
    old_value: row.nullable(),
    new_value: row.nullable(),
    changed_fields: z.array(z.string()),
    omitted_fields: z
      .array(z.string())
      .optional()
      .describe('Columns whose values were left out because the change is larger than a document may be'),
    unchanged_fields: z
      .array(z.string())
      .optional()
      .describe('Columns that new_value lacks: not touched by the update, and not in the log'),
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

const rowAsOf = z
  .object({
    entity_type: z.string(),
    entity_id: z.string(),
    at: timestamp,
    row,
    since: z
      .object({ change_id: z.string(), changed_at: timestamp, changed_by: z.string() })
      .nullable()
      .describe('The change that made the row so; null when it was so before the trail begins'),
  })
  .meta({ id: 'RowAsOf' });

const timeRange = {
  from: timestamp.optional().describe('Inclusive'),
  to: timestamp.optional().describe('Exclusive'),
};
const name = z.string().min(1).max(200);

/** Routes of the audit trail, for auditors, operators and administrators. */
export const auditRoutes: Routes<AuditRoutesOptions> = async (app, { history }) => {
  const config = { roles: ['auditor', 'operator', 'admin'] as const };

  app.get(
    '/audit/changes',
    {
      config,
      schema: {
        summary: 'Changes of relational rows, newest first; those of one cause in order',
        tags: ['audit'],
        querystring: pageQuery.extend({
          entity_type: name.optional(),
          entity_id: z.string().min(1).max(3_000).optional().describe('Needs entity_type'),
          changed_by: name.optional(),
          cause_id: name.optional(),
          ...timeRange,
        }),
        response: { 200: pageOf(change) },
      },
    },
    async ({ query: { cursor, limit, ...filter } }) =>
      renderPage(await history.listChanges(filter, { cursor, limit })),
  );

  app.get(
    '/audit/entities/:type/:id',
    {
      config,
      schema: {
        summary: "An entity's changes, newest first, or, with `at`, its row as it was at that time",
        tags: ['audit'],
        params: z.strictObject({ type: name, id: z.string().min(1).max(3_000) }),
        querystring: pageQuery
          .extend({ at: timestamp.optional().describe('Answers with the row as it was then'), ...timeRange })
          .refine(({ at, cursor, from, to }) => !at || !(cursor ?? from ?? to), {
            path: ['at'],
            message: 'stands alone: it asks for one row, the other parameters for a list of changes',
          }),
        response: { 200: z.union([pageOf(change), rowAsOf]) },
      },
    },
    async ({ params, query: { at, cursor, limit, ...range } }) => {
      const entity = { entity_type: params.type, entity_id: params.id };
      if (!at) return renderPage(await history.listChanges({ ...entity, ...range }, { cursor, limit }));
      const found = await history.findRowAsOf(entity, at);
      return { ...found, row: renderRow(found.row) ?? {} };
    },
  );
};

function renderPage({
  items,
  next_cursor,
}: {
  items: Stored<EntityChangelog>[];
  next_cursor: string | null;
}) {
  return { items: items.map(renderChange), next_cursor };
}

function renderChange({ _id, old_value, new_value, ...rest }: Stored<EntityChangelog>) {
  return { ...rest, id: _id, old_value: renderRow(old_value), new_value: renderRow(new_value) };
}
