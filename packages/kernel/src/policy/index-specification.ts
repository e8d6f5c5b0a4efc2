import type { CollectionDefinition } from './category.js';
import type { IndexDirection, StoredIndex, StoredPolicy } from './policy.js';
import { maximumLife } from './retention.js';

/** An index as it is to exist in MongoDB. */
export interface IndexSpecification {
  readonly name: string;
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: true;
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
  readonly weights?: Readonly<Record<string, number>>;
  /** The query it serves; `expiry` for a TTL index, `sharding` for one that only the shard key needs. */
  readonly serves: string;
}

const archived = { archived_at: { $exists: true } };

/**
 * Derives every index of a collection from its policy: those it declares, the one that its shard key needs, and those
 * that let documents expire.
 */
export function deriveIndexes({ policy }: Pick<CollectionDefinition, 'policy'>): IndexSpecification[] {
  const declared = [...policy.indexes.map(specifyIndex), ...deriveShardIndex(policy)];
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

/** MongoDB shards a collection by an index that begins with the shard key and holds every document. */
function deriveShardIndex({ indexes, shardKey }: StoredPolicy): IndexSpecification[] {
  const wanted = Object.entries(shardKey);
  const holds = ({ key, partial }: StoredIndex) => {
    const fields = Object.entries(key);
    return (
      !partial &&
      wanted.every(([path, kind], place) => fields[place]?.[0] === path && fields[place][1] === kind)
    );
  };
  if (wanted.length === 0 || indexes.some(holds)) return [];
  if (wanted.length === 1 && shardKey['_id'] === 1) return [];
  const index = specifyIndex({ key: shardKey, serves: 'sharding' });
  // An index that leaves documents out may have its name.
  const isTaken = indexes.some((other) => nameIndex(other) === index.name);
  return [isTaken ? { ...index, name: `${index.name}_sharding` } : index];
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
