import { pageOf, pageQuery, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { Page, Stored } from '@infratraq/mongo';
import { z } from 'zod';
import { forbidStoring } from '../sensitive/forbid-storing.js';
import type { AuditHistory } from './audit-history.js';
import {
  changeSchema,
  disclosureParameters,
  renderChange,
  rowAsOfSchema,
  rowParameters,
  tableNames,
  timeRange,
} from './change-schemas.js';
import type { EntityChangelog } from '../collections/entity-changelog.js';
import { nameSchema, rowIdSchema } from './audit-input.js';
import { renderRow } from './render-value.js';
import type { Disclosure, SensitiveReader } from '../sensitive/sensitive-reader.js';

/** What the audit routes work with. */
export interface AuditRoutesOptions {
  readonly history: AuditHistory;
  /** Masks what is declared sensitive. */
  readonly reader: SensitiveReader;
}

/** Routes of the audit trail, for auditors, operators and administrators. */
export const auditRoutes = defineRoutes<AuditRoutesOptions>(async (app, { history, reader }) => {
  forbidStoring(app);
  const config = { roles: ['auditor', 'operator', 'admin'] as const };
  const renderPage = async (
    { items, next_cursor }: Page<Stored<EntityChangelog>>,
    disclosure: Disclosure,
  ) => ({ items: (await reader.show(items, disclosure)).map(renderChange), next_cursor });

  app.get(
    '/audit/changes',
    {
      config,
      schema: {
        summary: 'Changes of relational rows, newest first; those of one cause in order',
        tags: ['audit'],
        querystring: pageQuery.extend({
          entity_type: nameSchema.optional(),
          entity_id: rowIdSchema.optional().describe('Needs entity_type'),
          changed_by: nameSchema.optional(),
          cause_id: nameSchema.optional(),
          ...timeRange,
          ...disclosureParameters,
        }),
        response: { 200: pageOf(changeSchema) },
      },
    },
    async ({ query: { cursor, limit, unmasked, reason, ...filter } }) =>
      renderPage(await history.listChanges(filter, { cursor, limit }), { unmasked, reason }),
  );

  app.get(
    '/audit/entities/:type/:id',
    {
      config,
      schema: {
        summary:
          "An entity's changes, newest first, under every name of its table; or, with `at`, its row as it was then",
        tags: ['audit'],
        params: rowParameters,
        querystring: pageQuery
          .extend({
            at: timestamp.optional().describe('Answers with the row as it was then'),
            ...timeRange,
            ...disclosureParameters,
          })
          .refine(({ at, cursor, from, to }) => !at || !(cursor ?? from ?? to), {
            path: ['at'],
            message: 'stands alone: it asks for one row, the other parameters for a list of changes',
          }),
        response: { 200: z.union([pageOf(changeSchema).extend(tableNames), rowAsOfSchema]) },
      },
    },
    async ({ params, query: { at, cursor, limit, unmasked, reason, ...range } }) => {
      const entity = { entity_type: params.type, entity_id: params.id };
      const disclosure = { unmasked, reason };
      if (!at) {
        const { items, next_cursor, ...names } = await history.listEntityChanges(entity, range, {
          cursor,
          limit,
        });
        return { ...(await renderPage({ items, next_cursor }, disclosure)), ...names };
      }
      const found = await history.findRowAsOf(entity, at);
      const { told_by: _, ...rest } = found;
      return { ...rest, row: renderRow(await reader.showRow(found, disclosure)) ?? {} };
    },
  );
});
