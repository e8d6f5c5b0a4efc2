import type { CollectionDefinition } from './category.js';
import type { IndexDirection, StoredIndex } from './policy.js';
import { maximumLife } from './retention.js';

/** An index as it is to exist in MongoDB. */
export interface IndexSpecification {
  readonly name: string;
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: true;
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
  readonly weights?: Readonly<Record<string, number>>;
  /** The query it serves; `expiry` for a TTL index. */
  readonly serves: string;
}

const archived = { archived_at: { $exists: true } };

/** Derives every index of a collection from its policy: those it declares, and those that let documents expire. */
export function deriveIndexes({ policy }: Pick<CollectionDefinition, 'policy'>): IndexSpecification[] {
  const declared = policy.indexes.map(specifyIndex);
  const life = maximumLife(policy.retention);
  if (life === undefined || policy.time === undefined) return declared;
  const gate = policy.archive === 'before-expiry' ? archived : undefined;
  const ttl: IndexSpecification[] = [
    {
      name: `ttl_${policy.time}`,
      key: { [policy.time]: 1 },
      expireAfterSeconds: life,
      ...(gate && { partialFilterExpression: gate }),
      serves: 'expiry',
    },
  ];
  if (policy.retention.kind === 'range')
    ttl.push({
      name: 'ttl_expires_at',
      key: { expires_at: 1 },
      expireAfterSeconds: 0,
      partialFilterExpression: gate ?? { expires_at: { $exists: true } },
      serves: 'expiry',
    });
  return [...declared, ...ttl];
}

function specifyIndex(index: StoredIndex): IndexSpecification {
  return {
    name: nameIndex(index),
    key: index.key,
    ...(index.unique && { unique: true }),
    ...(index.partial && { partialFilterExpression: index.partial }),
    ...(index.weights && { weights: index.weights }),
    serves: index.serves,
  };
}

function nameIndex({ key }: StoredIndex): string {
  return Object.entries(key)
    .map(([path, direction]) => `${path}_${direction}`)
    .join('_');
}
