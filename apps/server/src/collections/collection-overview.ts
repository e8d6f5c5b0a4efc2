import {
  expectSize,
  formatRetention,
  type CollectionDefinition,
  type LifecycleState,
  type Store,
} from '@infratraq/kernel';
import type { Mongo } from '@infratraq/mongo';

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
}

/** Describes collections as operators see them: policy, live size, state and event counts. */
export class CollectionOverview {
  readonly #options: CollectionOverviewOptions;

  constructor(options: CollectionOverviewOptions) {
    this.#options = options;
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
    const all = categories.flatMap(({ collections }) => collections);
    const sum = (count: (collection: (typeof all)[number]) => number) =>
      all.reduce((total, collection) => total + count(collection), 0);
    return {
      categories,
      totals: {
        collections: all.length,
        documents: sum(({ documents }) => documents),
        size_bytes: sum(({ size_bytes }) => size_bytes),
        events_recorded: sum(({ events }) => events.recorded),
      },
      engine: {
        name: mongo.capabilities.engine,
        version: mongo.capabilities.version,
        missing: [...mongo.capabilities.off],
      },
      as_of: new Date(),
    };
  }

  /** One collection. */
  async describe(definition: CollectionDefinition) {
    const { policy, name, category } = definition;
    const { documents, size_bytes } = await this.#measure(name);
    const expected = expectSize(policy);
    return {
      name,
      category,
      purpose: policy.purpose,
      state: this.#options.stateOf(name),
      documents,
      size_bytes,
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

  async #measure(name: string): Promise<{ documents: number; size_bytes: number }> {
    const [stats] = await this.#options.mongo.connection
      .collection(name)
      .aggregate<{ count?: number; storageStats?: { count?: number; size?: number } }>([
        { $collStats: { storageStats: {}, count: {} } },
      ])
      .toArray();
    return {
      documents: stats?.count ?? stats?.storageStats?.count ?? 0,
      size_bytes: stats?.storageStats?.size ?? 0,
    };
  }
}
