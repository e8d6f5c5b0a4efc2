import { defineReport } from '@infratraq/caches';
import type { Postgres } from '@infratraq/postgres';
import { sql } from 'kysely';
import { z } from 'zod';
import type { KeepVisible } from './keep-visible.js';
import type { FieldTables } from '../demonstration/field-tables.js';

/** How inspections of assets ended, by kind of asset. */
export function inspectionResults(postgres: Pick<Postgres, 'withTables'>, keepVisible: KeepVisible) {
  const { db } = postgres.withTables<FieldTables>();
  return defineReport({
    type: 'inspection_results',
    title: 'Results of inspections by kind of asset',
    parameters: z.strictObject({ project_id: z.int().positive().optional() }),
    freshnessSeconds: 3_600,
    sourceEntityTypes: ['inspections', 'assets'],
    shownColumns: { inspections: ['result'], assets: ['kind'] },
    about: ({ project_id }) => (project_id === undefined ? undefined : entityOf({ project_id })),
    scoped: true,
    generate: async ({ project_id }, { scopes }) => {
      const projects =
        scopes === 'all'
          ? undefined
          : await keepVisible(
              await db.selectFrom('projects').select('project_id').execute(),
              scopes,
              entityOf,
            );
      const results = await db
        .selectFrom('inspections')
        .innerJoin('assets', 'assets.asset_id', 'inspections.asset_id')
        .select(['assets.kind', 'inspections.result', sql<number>`count(*)::int`.as('inspections')])
        .$if(project_id !== undefined, (query) => query.where('assets.project_id', '=', project_id!))
        .$if(projects !== undefined, (query) =>
          query.where('assets.project_id', '=', sql<number>`any(${projects!.map((one) => one.project_id)})`),
        )
        .groupBy(['assets.kind', 'inspections.result'])
        .orderBy('assets.kind')
        .orderBy('inspections.result')
        .execute();
      return { results };
    },
  });
}

function entityOf({ project_id }: { project_id: number }) {
  return { entity_type: 'projects', entity_id: String(project_id) };
}
