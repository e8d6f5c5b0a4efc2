import { InvalidInputError } from '@infratraq/kernel';
import { timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { forbidStoring } from '../sensitive/forbid-storing.js';
import { nameSchema, reasonSchema } from '../history/audit-input.js';
import { rowParameters } from '../history/change-schemas.js';
import { conflictKinds, type RestorePlan } from './restore-plan.js';
import type { RowRestorer } from './row-restorer.js';

/** What the routes of restoring work with. */
export interface RestoreRoutesOptions {
  readonly restorer: RowRestorer;
}

const text = z.string().nullable().describe('As PostgreSQL writes it; masked where the column is sensitive');

const restoration = z
  .object({
    applied: z.boolean(),
    plan_id: z.string().describe('Needed to apply this plan; another one when the row has changed'),
    entity_type: z.string(),
    entity_id: z.string(),
    change_id: z.string().describe('The change that tells of the version'),
    action: z.enum(['update', 'insert', 'none']),
    statements: z.array(z.string()).describe('As they run, but for sensitive values, which are masked'),
    differences: z.array(z.object({ column: z.string(), current: text, restored: text })),
    conflicts: z.array(
      z.object({
        kind: z.enum(conflictKinds),
        detail: z.string(),
        blocking: z.boolean().describe('The plan cannot be applied because of it'),
      }),
    ),
  })
  .meta({ id: 'Restoration' });

/** Routes that restore rows, for operators and administrators. */
export const restoreRoutes = defineRoutes<RestoreRoutesOptions>(async (app, { restorer }) => {
  forbidStoring(app);
  app.post(
    '/audit/entities/:type/:id/restore',
    {
      config: { roles: ['operator', 'admin'] },
      schema: {
        summary: 'Shows what restoring a row to a version would do, and does it when a plan is given back',
        tags: ['audit'],
        params: rowParameters,
        body: z.strictObject({
          at: timestamp.optional().describe('The row as it was then'),
          change_id: nameSchema
            .optional()
            .describe('The row as this change left it, or, of a DELETE, as it was before'),
          apply: z.boolean().default(false),
          plan_id: z.string().min(1).max(100).optional().describe('Of the plan that is to be applied'),
          reason: reasonSchema.optional().describe('Why; needed to apply'),
        }),
        response: { 200: restoration },
      },
    },
    async ({ params, body: { at, change_id, apply, plan_id, reason } }) => {
      const entity = { entity_type: params.type, entity_id: params.id };
      const selector = { at, change_id };
      if (!apply) return render(await restorer.plan(entity, selector), false);
      if (plan_id === undefined || reason === undefined)
        throw new InvalidInputError(
          'Applying needs the plan_id of the plan that you have seen, and a reason',
          {
            code: 'audit.plan-required',
          },
        );
      return render(await restorer.apply(entity, selector, { plan_id, reason }), true);
    },
  );
});

function render({ statements, differences, conflicts, ...plan }: RestorePlan, applied: boolean) {
  return {
    ...plan,
    applied,
    statements: [...statements],
    differences: [...differences],
    conflicts: [...conflicts],
  };
}
