import {
  expectSize,
  formatRetention,
  type CollectionDefinition,
  type LifecycleState,
  type Store,
} from '@infratraq/kernel';
import { measureCollections, type CollectionSize, type IndexStatus, type Mongo } from '@infratraq/mongo';

/** How many events of a collection came and what became of them, since the server started. */
export interface EventCounts {
  recorded: number;
  written: number;
  rejected: number;
}

export interface CollectionOverviewOptions {
  store: Store;
  mongo: Mongo;
  stateOf: (collection: string) => LifecycleState;
  eventsOf: (collection: string) => EventCounts;
  indexStatus: () => Promise<IndexStatus>;
}

/** Describes collections as operators see them: policy, live size, state and event counts. */
export class CollectionOverview {
  readonly #options: CollectionOverviewOptions;
  readonly #measure: (collection: string) => Promise<CollectionSize>;

  constructor(options: CollectionOverviewOptions) {
    this.#options = options;
    this.#measure = measureCollections(options.mongo.connection);
  }

  /** All categories with their collections and totals. */
  async list() {
    const { store, mongo } = this.#options;
    const categories = await Promise.all(
      store.categories.map(async ({ name, collections }) => ({
        name,
        collections: await Promise.all(collections.map((definition) => this.describe(definition))),
      })),
    );
    const { pending, building } = await this.#options.indexStatus();
    const all = categories.flatMap(({ collections }) => collections);
    const sum = (count: (collection: (typeof all)[number]) => number) =>
      all.reduce((total, collection) => total + count(collection), 0);
    return {
      categories,
      totals: {
        collections: all.length,
        documents: sum(({ documents }) => documents),
        size_bytes: sum(({ size_bytes }) => size_bytes),
        size_is_estimated: all.some(({ size_is_estimated }) => size_is_estimated),
        events_recorded: sum(({ events }) => events.recorded),
      },
      engine: {
        name: mongo.capabilities.engine,
        version: mongo.capabilities.version,
        missing: [...mongo.capabilities.off],
      },
      indexes: { pending: [...pending], building },
      as_of: new Date(),
    };
  }

  /** Whether a collection holds no document at this moment. */
  async isEmpty(name: string): Promise<boolean> {
    const { connection } = this.#options.mongo;
    return (await connection.collection(name).findOne({}, { projection: { _id: 1 } })) === null;
  }

  /** One collection. */
  async describe(definition: CollectionDefinition) {
    const { policy, name, category } = definition;
    const { documents, bytes, isEstimated, countedAt } = await this.#measure(name);
    const expected = expectSize(policy);
    return {
      name,
      category,
      purpose: policy.purpose,
      state: this.#options.stateOf(name),
      documents,
      size_bytes: bytes,
      size_is_estimated: isEstimated,
      counted_at: countedAt,
      expected_bytes: expected.bytes,
      warn_bytes: expected.warnBytes,
      retention: formatRetention(policy.retention),
      retention_kind: policy.retention.kind,
      growth: {
        pattern: policy.growth.pattern,
        document_bytes: policy.growth.documentBytes,
        documents_per_day: policy.growth.documentsPerDay,
      },
      archive: policy.archive ?? null,
      events: this.#options.eventsOf(name),
    };
  }
}
