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
  const planner = (Array.isArray(explained) ? explained[0] : explained) as {
    queryPlanner?: { winningPlan?: unknown };
  };
  const stages: string[] = [];
  const indexes: string[] = [];
  walkPlan(planner.queryPlanner?.winningPlan, stages, indexes);
  return { stages, indexes };
}

function walkPlan(plan: unknown, stages: string[], indexes: string[]): void {
  if (typeof plan !== 'object' || plan === null) return;
  if ('stage' in plan) stages.push(String(plan.stage));
  if ('indexName' in plan) indexes.push(String(plan.indexName));
  for (const nested of Object.values(plan)) walkPlan(nested, stages, indexes);
}
