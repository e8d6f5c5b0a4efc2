import { EntityChangelog } from '@infratraq/audit';
import { openScope, type EntityReference } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import { queryRowsBelow, queryScopes, readKey, writeKey } from './query-scopes.js';
import { readFingerprint, readScopeGraph } from './read-scope-graph.js';
import {
  findPaths,
  referencesOf,
  ruleOf,
  scopeNameOf,
  type ScopeGraph,
  type ScopeTable,
} from './scope-graph.js';

const freshMilliseconds = 1_000;
const longestAncestry = 8;
const undefinedNames = ['42P01', '42703'];

/** The scopes of entities, along the foreign keys of their tables; follows changes of the schema within a second. */
export class EntityScopes {
  readonly #postgres: Pick<Postgres, 'pool'>;
  readonly #models: Models;
  #known: { graph: ScopeGraph; fingerprint: string; until: number } | undefined;
  #reading: Promise<{ graph: ScopeGraph; fingerprint: string }> | undefined;

  constructor({ postgres, models }: { postgres: Pick<Postgres, 'pool'>; models: Models }) {
    this.#postgres = postgres;
    this.#models = models;
  }

  /** Tables, references and rules as they are, a second ago at the earliest. */
  async graph(): Promise<ScopeGraph> {
    if (this.#known && this.#known.until > performance.now()) return this.#known.graph;
    if (this.#reading) return (await this.#reading).graph;
    const reading = this.#read();
    this.#reading = reading;
    try {
      const { graph, fingerprint } = await reading;
      if (this.#reading === reading)
        this.#known = { graph, fingerprint, until: performance.now() + freshMilliseconds };
      return graph;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  /** Reads tables, references and rules anew when they are asked for next. */
  forget(): void {
    if (this.#known) this.#known.until = 0;
    this.#reading = undefined;
  }

  /** Empty where nobody but operators sees the entity. One that is deleted has the scopes of what it belonged to. */
  async of(entity: EntityReference): Promise<string[]> {
    try {
      return await this.#find(await this.graph(), entity, longestAncestry);
    } catch (error) {
      if (!undefinedNames.includes(String((error as { code?: unknown }).code))) throw error;
      // A table or column was renamed or dropped in this second.
      this.#known = undefined;
      return this.#find(await this.graph(), entity, longestAncestry);
    }
  }

  /** Entities of other tables whose scopes depend on a row, page by page. */
  async *below(entity: EntityReference): AsyncGenerator<EntityReference[]> {
    const graph = await this.graph();
    const end = graph.tables.get(entity.entity_type);
    const key = end && readKey(end, entity.entity_id);
    if (!key) return;
    for (const table of graph.tables.values()) {
      if (table.key.length === 0) continue;
      for (const steps of stepsTo(graph, table, entity.entity_type))
        yield* this.#pages(graph, { table, steps, key });
    }
  }

  async *#pages(
    graph: ScopeGraph,
    below: Parameters<typeof queryRowsBelow>[2],
  ): AsyncGenerator<EntityReference[]> {
    const limit = 1_000;
    for (let after = ''; ;) {
      const ids = await queryRowsBelow(this.#postgres.pool, graph, below, { after, limit });
      yield ids.map((entity_id) => ({ entity_type: below.table.entity_type, entity_id }));
      if (ids.length < limit) return;
      after = ids.at(-1) as string;
    }
  }

  async #read(): Promise<{ graph: ScopeGraph; fingerprint: string }> {
    const known = this.#known;
    const fingerprint = await readFingerprint(this.#postgres);
    const isSame = known?.fingerprint === fingerprint;
    return { graph: isSame ? known.graph : await readScopeGraph(this.#postgres), fingerprint };
  }

  async #find(graph: ScopeGraph, entity: EntityReference, depth: number): Promise<string[]> {
    const rule = ruleOf(graph, entity.entity_type)?.rule;
    if (rule === 'open') return [openScope];
    if (rule === 'operators' || depth === 0) return [];
    const scopes = await queryScopes(this.#postgres.pool, graph, entity);
    return scopes ?? this.#findDeleted(graph, entity, depth);
  }

  async #findDeleted(graph: ScopeGraph, entity: EntityReference, depth: number): Promise<string[]> {
    const { entity_type, entity_id } = entity;
    const last = await this.#models
      .of(EntityChangelog)
      .findOne({ entity_type, entity_id })
      .sort({ changed_at: -1, _id: -1 })
      .lean<{ operation: string; old_value?: Record<string, unknown> | null } | null>();
    if (last?.operation !== 'DELETE' || !last.old_value) return [];
    const row = last.old_value;
    const scope = scopeNameOf(graph, entity_type);
    const parents = referencesOf(graph, entity_type).flatMap(({ to, columns, references }) => {
      const { key } = graph.tables.get(to) as ScopeTable;
      const values = key.map((column) => row[columns[references.indexOf(column)] ?? '']);
      if (key.length === 0 || values.some((value) => value === null || value === undefined)) return [];
      return [{ entity_type: to, entity_id: writeKey(values.map(String)) }];
    });
    const inherited = await Promise.all(
      parents
        .filter((parent) => parent.entity_type !== entity_type)
        .map((parent) => this.#find(graph, parent, depth - 1)),
    );
    return [...new Set([...(scope === undefined ? [] : [`${scope}:${entity_id}`]), ...inherited.flat()])];
  }
}

/** The beginnings of a table's paths that end at another table, each once. */
function stepsTo(graph: ScopeGraph, { entity_type }: ScopeTable, end: string) {
  const found = findPaths(graph, entity_type).flatMap(({ steps }) => {
    const place = steps.findIndex(({ to }) => to === end);
    return place < 0 ? [] : [steps.slice(0, place + 1)];
  });
  return [...new Map(found.map((steps) => [JSON.stringify(steps), steps])).values()];
}
