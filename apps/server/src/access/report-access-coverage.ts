import type { Postgres } from '@infratraq/postgres';
import { readScopeGraph } from './read-scope-graph.js';
import { describePath, findPaths, ruleOf, type ScopeGraph } from './scope-graph.js';

/** Who sees the documents of one table's rows. */
export interface AccessCoverage {
  readonly entity_type: string;
  /** `scoped`: members of its scopes; `open`: all members; `none`: operators and admins alone. */
  readonly state: 'scoped' | 'open' | 'none';
  /** Ways to scope tables, the shortest first. */
  readonly paths: readonly string[];
  /** An operator's rule holds instead of the foreign keys. */
  readonly declared: boolean;
}

/** Lists every table, and every other entity type that has a rule, by name. */
export async function reportAccessCoverage(postgres: Pick<Postgres, 'pool'>): Promise<AccessCoverage[]> {
  return describeAccess(await readScopeGraph(postgres));
}

export function describeAccess(graph: ScopeGraph): AccessCoverage[] {
  const types = new Set([...graph.tables.keys(), ...graph.rules.keys()]);
  return [...types].sort().map((entity_type) => {
    const rule = ruleOf(graph, entity_type)?.rule;
    const paths = findPaths(graph, entity_type).map((path) => describePath(entity_type, path));
    const state = rule === 'open' ? 'open' : paths.length > 0 ? 'scoped' : 'none';
    return { entity_type, state, paths, declared: rule !== undefined };
  });
}
