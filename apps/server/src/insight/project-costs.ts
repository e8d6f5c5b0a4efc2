import { defineReport } from '@infratraq/caches';
import type { Postgres } from '@infratraq/postgres';
import { sql } from 'kysely';
import { z } from 'zod';
import type { KeepVisible } from './keep-visible.js';
import type { FieldTables } from '../demonstration/field-tables.js';

/** What each project has contracted against its budget; amounts are exact decimals as text. */
export function projectCosts(postgres: Pick<Postgres, 'withTables'>, keepVisible: KeepVisible) {
  const { db } = postgres.withTables<FieldTables>();
  return defineReport({
    type: 'project_costs',
    title: 'Contracted amounts against the budget of each project',
    parameters: z.strictObject({
      status: z.enum(['planned', 'design', 'construction', 'on_hold', 'completed']).optional(),
    }),
    freshnessSeconds: 3_600,
    sourceEntityTypes: ['projects', 'contracts'],
    shownColumns: {
      projects: ['code', 'name', 'status', 'currency', 'budget_amount'],
      contracts: ['amount'],
    },
    scoped: true,
    generate: async ({ status }, { scopes }) => {
      const projects = await db
        .selectFrom('projects')
        .leftJoin('contracts', 'contracts.project_id', 'projects.project_id')
        .select(({ fn, ref }) => [
          'projects.project_id',
          'projects.code',
          'projects.name',
          'projects.status',
          'projects.currency',
          'projects.budget_amount',
          fn.coalesce(fn.sum<string>(ref('contracts.amount')), sql<string>`0`).as('contracted_amount'),
          fn.count<string>('contracts.contract_id').as('contracts'),
        ])
        .$if(status !== undefined, (query) => query.where('projects.status', '=', status!))
        .groupBy('projects.project_id')
        .orderBy('projects.code')
        .execute();
      const entityOf = ({ project_id }: { project_id: number }) => ({
        entity_type: 'projects',
        entity_id: String(project_id),
      });
      return { projects: await keepVisible(projects, scopes, entityOf) };
    },
  });
}
