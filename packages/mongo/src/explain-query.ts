import type { ServedQuery } from '@infratraq/kernel';
import type { Model } from 'mongoose';
import { resolveShape, selectDocuments } from './run-query.js';

/** How the server would answer a query. */
export interface QueryPlan {
  /** Stages of the winning plan from the outside in (`LIMIT`, `FETCH`, `IXSCAN`). */
  readonly stages: readonly string[];
  /** Names of the indexes that it uses. */
  readonly indexes: readonly string[];
}

/** Asks the server how it would answer a served query, without running it. */
export async function explainQuery<T extends object, Parameters>(
  model: Model<T>,
  query: ServedQuery<T, Parameters>,
  parameters: Parameters,
  options: { limit?: number } = {},
): Promise<QueryPlan> {
  const found = selectDocuments(model, resolveShape(query, parameters), options);
  const explained: unknown = await found.explain('queryPlanner');
  const answer = (Array.isArray(explained) ? explained[0] : explained) as {
    queryPlanner?: { winningPlan?: unknown; Plan?: unknown };
  };
  const stages: string[] = [];
  const indexes: string[] = [];
  walkPlan(answer.queryPlanner?.winningPlan, stages, indexes);
  walkRelationalPlan(answer.queryPlanner?.Plan as RelationalPlan | undefined, stages, indexes);
  return { stages, indexes };
}

function walkPlan(plan: unknown, stages: string[], indexes: string[]): void {
  if (typeof plan !== 'object' || plan === null) return;
  if ('stage' in plan) stages.push(String(plan.stage));
  if ('indexName' in plan) indexes.push(String(plan.indexName));
  for (const nested of Object.values(plan)) walkPlan(nested, stages, indexes);
}

/** How DocumentDB answers: with the plan of the PostgreSQL below it. */
interface RelationalPlan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly RelationalPlan[];
}

function walkRelationalPlan(plan: RelationalPlan | undefined, stages: string[], indexes: string[]): void {
  if (!plan) return;
  const index = plan['Index Name'];
  // Every collection lies in one table, so a scan of a whole collection goes by the part of `_id_` that names it.
  const whole = index === '_id_' && /^\(shard_key_value = '[^']*'::bigint\)$/.test(plan['Index Cond'] ?? '');
  if (whole || plan['Node Type'] === 'Seq Scan') stages.push('COLLSCAN');
  else if (index) {
    stages.push('IXSCAN');
    indexes.push(index);
  } else stages.push(plan['Node Type'].toUpperCase());
  for (const nested of plan.Plans ?? []) walkRelationalPlan(nested, stages, indexes);
}
