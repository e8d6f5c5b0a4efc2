/** A table, as far as access to its rows goes. */
export interface ScopeTable {
  readonly entity_type: string;
  readonly schema: string;
  readonly table: string;
  /** Columns of its primary key; empty without one. */
  readonly key: readonly string[];
}

/** A reference from rows of one table to rows of another. */
export interface ScopeReference {
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
  /** Columns of the other table, in the order of `columns`. */
  readonly references: readonly string[];
}

/** What an operator has declared for the rows of a table, whatever the catalog says. */
export type ScopeRule =
  /** Every member sees them. */
  | { readonly rule: 'open' }
  /** Nobody but operators and admins sees them. */
  | { readonly rule: 'operators' }
  /** Each is a scope of its own: `project`. */
  | { readonly rule: 'scope'; readonly scope: string }
  /** These references count instead of its foreign keys. */
  | { readonly rule: 'references'; readonly references: readonly Omit<ScopeReference, 'from'>[] };

/** Tables, references between them, and rules by entity type. */
export interface ScopeGraph {
  readonly tables: ReadonlyMap<string, ScopeTable>;
  readonly references: readonly ScopeReference[];
  readonly rules: ReadonlyMap<string, ScopeRule>;
}

/** A way from the rows of a table to those of a scope table; without steps the table is one itself. */
export interface ScopePath {
  /** What scopes of the last table begin with: `project`. */
  readonly scope: string;
  readonly steps: readonly ScopeReference[];
}

const scopeTables: Readonly<Record<string, string>> = { projects: 'project', organisations: 'organisation' };
const longestPath = 8;
const mostPaths = 64;

/** The rule of an entity type: its own, else that of `*`, which takes the place of every table's foreign keys. */
export function ruleOf({ rules }: Pick<ScopeGraph, 'rules'>, entityType: string): ScopeRule | undefined {
  return rules.get(entityType) ?? rules.get('*');
}

/** What scopes of a table begin with, where its rows are scopes. */
export function scopeNameOf({ rules, tables }: ScopeGraph, entityType: string): string | undefined {
  const rule = ruleOf({ rules }, entityType);
  if (rule?.rule === 'scope') return rule.scope;
  if (rule?.rule === 'open' || rule?.rule === 'operators') return undefined;
  return tables.has(entityType) && Object.hasOwn(scopeTables, entityType)
    ? scopeTables[entityType]
    : undefined;
}

/** The references that count for a table: those of its rule, else its foreign keys. */
export function referencesOf(
  { rules, references, tables }: ScopeGraph,
  entityType: string,
): ScopeReference[] {
  const rule = ruleOf({ rules }, entityType);
  if (rule?.rule === 'open' || rule?.rule === 'operators') return [];
  const found =
    rule?.rule === 'references'
      ? rule.references.map((reference) => Object.assign({ from: entityType }, reference))
      : references.filter(({ from }) => from === entityType);
  return found.filter(({ to }) => tables.has(to));
}

/**
 * Every path from a table to scope tables, the shortest first. No path comes to a table twice, so references to the table
 * itself and in circles add nothing. Beyond 8 steps or 64 paths, further ones grant nothing.
 */
export function findPaths(graph: ScopeGraph, entityType: string): ScopePath[] {
  const found: ScopePath[] = [];
  let ends: { at: string; steps: ScopeReference[]; seen: string[] }[] = [
    { at: entityType, steps: [], seen: [entityType] },
  ];
  for (let length = 0; length <= longestPath && ends.length > 0; length += 1) {
    for (const { at, steps } of ends) {
      const scope = scopeNameOf(graph, at);
      if (scope !== undefined) found.push({ scope, steps });
      if (found.length === mostPaths) return found;
    }
    ends = ends
      .flatMap(({ at, steps, seen }) =>
        referencesOf(graph, at)
          .filter(({ to }) => !seen.includes(to))
          .map((step) => ({ at: step.to, steps: [...steps, step], seen: [...seen, step.to] })),
      )
      .slice(0, 4_096);
  }
  return found;
}

/** A path for people: `work_orders.asset_id → assets.project_id → projects`. */
export function describePath(entityType: string, { steps }: ScopePath): string {
  const last = steps.at(-1)?.to ?? entityType;
  return [...steps.map(({ from, columns }) => `${from}.${columns.join(',')}`), last].join(' → ');
}
