import type { EntityReference } from '@infratraq/kernel';
import { defineQueue, type Jobs, type Postgres } from '@infratraq/postgres';
import { createHash } from 'node:crypto';
import type { EntityScopes } from './entity-scopes.js';
import type { ScopeGraph } from './scope-graph.js';
import type { StampedDocuments } from './stamped-documents.js';

/** How far restamping all documents has come. */
export interface RestampProgress {
  /** Entities with documents, as often as a place has some about them. */
  readonly restamped: number;
  readonly begun_at: Date;
  /** Null while it runs. */
  readonly finished_at: Date | null;
}

export const restampQueue = defineQueue<object>('scope-restamp', { keyed: true, access: 'nobody' });

const pageSize = 500;
const key = 'all';

interface Position {
  readonly place: number;
  readonly after_type: string;
  readonly after_id: string;
  readonly begun: string;
}

/**
 * Restamps every document that carries scopes, in pages: a job that ends goes on, on any process, where it left off. It
 * begins anew once the relational schema or a rule has changed, and when changes were missed.
 */
export class RestampAll {
  readonly #postgres: Pick<Postgres, 'pool'>;
  readonly #jobs: Jobs;
  readonly #scopes: EntityScopes;
  readonly #documents: Pick<StampedDocuments, 'placeCount' | 'restampPages'>;

  constructor(options: {
    postgres: Pick<Postgres, 'pool'>;
    jobs: Jobs;
    scopes: EntityScopes;
    documents: Pick<StampedDocuments, 'placeCount' | 'restampPages'>;
  }) {
    this.#postgres = options.postgres;
    this.#jobs = options.jobs;
    this.#scopes = options.scopes;
    this.#documents = options.documents;
  }

  /** Begins anew, whatever has been done. */
  async begin(): Promise<void> {
    await this.#postgres.pool.query(
      `insert into infratraq.scope_restamping (graph) values ($1)
       on conflict (single) do update set graph = $1, place = 0, after_type = '', after_id = '', restamped = 0,
         begun_at = now(), finished_at = null`,
      [describeGraph(await this.#scopes.graph())],
    );
    await this.#jobs.add(restampQueue, [{ data: {}, key }]);
  }

  /** Begins anew if the graph is another than that of the last stamps, and goes on with what no job is left for. */
  async beginIfChanged(): Promise<void> {
    const graph = describeGraph(await this.#scopes.graph());
    const { rows } = await this.#postgres.pool.query<{ graph: string; finished_at: Date | null }>(
      'select graph, finished_at from infratraq.scope_restamping',
    );
    if (rows[0]?.graph !== graph) return this.begin();
    if (rows[0].finished_at === null && (await this.#jobs.countOpen(restampQueue)) === 0)
      await this.#jobs.add(restampQueue, [{ data: {}, key }]);
  }

  async progress(): Promise<RestampProgress | undefined> {
    const { rows } = await this.#postgres.pool.query<RestampProgress>(
      'select restamped::int, begun_at, finished_at from infratraq.scope_restamping',
    );
    return rows[0];
  }

  /** Works until all is done, the server stops, or it begins anew elsewhere. */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { rows } = await this.#postgres.pool.query<Position>(
        `select place, after_type, after_id, begun_at::text as begun from infratraq.scope_restamping
         where finished_at is null`,
      );
      if (!rows[0]) return;
      await this.#workOn(rows[0], signal);
    }
  }

  /** Restamps one place, unless it begins anew meanwhile. */
  async #workOn({ place, after_type, after_id, begun }: Position, signal: AbortSignal): Promise<void> {
    const after = { entity_type: after_type, entity_id: after_id };
    const move = async (to: { place: number; last?: EntityReference; count: number }) => {
      const { rowCount } = await this.#postgres.pool.query(
        `update infratraq.scope_restamping set place = $2, after_type = $3, after_id = $4,
           restamped = restamped + $5, finished_at = case when $6 then now() end
         where begun_at = $1::timestamptz and place = $7`,
        [
          begun,
          to.place,
          to.last?.entity_type ?? '',
          to.last?.entity_id ?? '',
          to.count,
          to.place >= this.#documents.placeCount,
          place,
        ],
      );
      return rowCount === 1;
    };
    for await (const { last, count } of this.#documents.restampPages(place, after, pageSize))
      if (!(await move({ place, last, count })) || signal.aborted) return;
    await move({ place: place + 1, count: 0 });
  }
}

/** Equal for graphs by which every entity has the same scopes. */
function describeGraph({ tables, references, rules }: ScopeGraph): string {
  const parts = [[...tables.values()], references, [...rules]].map((part) =>
    part.map((one) => JSON.stringify(one)).sort(),
  );
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
