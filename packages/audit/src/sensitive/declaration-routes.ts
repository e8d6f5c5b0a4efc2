import { timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { nameSchema, reasonSchema } from '../history/audit-input.js';
import { fieldMaskings } from '../collections/field-audit-log.js';
import type { SensitiveFieldKeeper } from './sensitive-fields.js';

/** What the routes of declarations work with. */
export interface DeclarationRoutesOptions {
  readonly sensitiveFields: SensitiveFieldKeeper;
}

const declared = z
  .object({
    table_name: z.string().describe('As changes name it: with its schema, unless that is public'),
    column_name: z.string(),
    masking: z
      .enum(fieldMaskings)
      .describe('partial: its outline; digest: equal values stay equal; full: nothing of it'),
    reason: z.string(),
    declared_at: timestamp,
  })
  .meta({ id: 'SensitiveField' });

const why = reasonSchema.trim().describe('Kept in the audit trail');
const params = z.strictObject({ table: nameSchema, column: nameSchema });

/** Routes that tell which columns are sensitive, and with which administrators declare them. */
export const declarationRoutes = defineRoutes<DeclarationRoutesOptions>(async (app, { sensitiveFields }) => {
  app.get(
    '/audit/sensitive-fields',
    {
      config: { roles: ['auditor', 'operator', 'admin'] },
      schema: {
        summary: 'Columns whose values the audit trail masks',
        tags: ['audit'],
        response: { 200: z.object({ items: z.array(declared) }) },
      },
    },
    async () => ({ items: [...(await sensitiveFields.list())] }),
  );

  app.put(
    '/audit/sensitive-fields/:table/:column',
    {
      config: { roles: ['admin'] },
      schema: {
        summary: 'Declares a column sensitive, or changes how it is masked; it counts at once',
        tags: ['audit'],
        params,
        body: z.strictObject({ masking: z.enum(fieldMaskings).default('partial'), reason: why }),
        response: { 200: declared },
      },
    },
    async ({ params: { table, column }, body }) => sensitiveFields.declare({ table, column, ...body }),
  );

  app.delete(
    '/audit/sensitive-fields/:table/:column',
    {
      config: { roles: ['admin'] },
      schema: {
        summary: 'Masks a column no longer',
        tags: ['audit'],
        params,
        querystring: z.strictObject({ reason: why }),
        response: { 204: z.null() },
      },
    },
    async ({ params: { table, column }, query }, reply) => {
      await sensitiveFields.withdraw(table, column, query.reason);
      return reply.code(204).send(null);
    },
  );
});
