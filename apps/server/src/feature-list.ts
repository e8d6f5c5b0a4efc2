import type { Defer, EntityAccess } from '@infratraq/kernel';
import type { JobQueue, MigrationList } from '@infratraq/postgres';
import type { Feature, FeatureParts, Offers } from './feature.js';
import type { Platform } from './platform/platform.js';

/** Features that are open, in their order. */
export interface OpenFeatures extends Offers {
  readonly parts: readonly FeatureParts<unknown>[];
  readonly access: EntityAccess | undefined;
}

type Named = readonly [name: string, feature: Feature<never, unknown>];

/** Features in the order in which they are opened; each may need those before it, by name. */
export class FeatureList<Available extends object> {
  readonly #features: readonly Named[];

  private constructor(features: readonly Named[]) {
    this.#features = features;
  }

  static empty(): FeatureList<object> {
    return new FeatureList([]);
  }

  /** Adds a feature; does not compile when a feature that it needs is not listed before it. */
  add<Name extends string, Services>(
    name: Name,
    feature: Feature<Available, Services>,
  ): FeatureList<Available & Readonly<Record<Name, Services>>> {
    return new FeatureList([...this.#features, [name, feature]]);
  }

  /** Every queue of their jobs. */
  get jobs(): JobQueue<object>[] {
    return this.#features.flatMap(([, { jobs = [] }]) => jobs);
  }

  /** The migrations of all their tables by owner, whatever the order of features; the platform's run before them. */
  get migrations(): MigrationList[] {
    const lists = this.#features.flatMap(([, { migrations = [] }]) => migrations);
    return lists.sort((one, other) => one.owner.localeCompare(other.owner));
  }

  async open(platform: Platform, defer: Defer): Promise<OpenFeatures> {
    const services: Record<string, unknown> = {};
    const parts: FeatureParts<unknown>[] = [];
    for (const [name, feature] of this.#features) {
      const opened = await feature.open(platform, services as never, defer);
      services[name] = opened.services;
      parts.push(opened);
    }
    return {
      parts,
      access: parts.find((one) => one.access)?.access,
      consumers: parts.flatMap(({ consumers = [] }) => consumers),
      checks: parts.flatMap(({ checks = [] }) => checks),
      deadLetterReplays: Object.assign({}, ...parts.map(({ deadLetterReplays }) => deadLetterReplays)),
    };
  }
}
