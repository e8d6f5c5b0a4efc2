import type { CollectionDefinition } from './category.js';
import { decide, traitsOf } from './decide.js';
import { formatDuration, years } from './duration.js';
import { growthFault } from './growth.js';
import { maximumLife, retentionFault } from './retention.js';

// Nobody keeps clicks that long: what is appended and kept for years is kept because a regulator asks for it.
const regulatedLife = years(2);

type Rule = (definition: CollectionDefinition) => string | undefined;

/** Rules that every collection of a store keeps; each says what is wrong, or nothing. */
export const collectionRules: Readonly<Record<string, Rule>> = {
  'retention.sound': ({ policy }) => retentionFault(policy.retention),
  'time.required': ({ policy }) =>
    policy.retention.kind !== 'permanent' && !policy.time
      ? 'an expiring collection names the time field that a life is counted from'
      : undefined,
  'archive.required': ({ policy }) =>
    policy.retention.kind !== 'permanent' && !policy.archive
      ? "an expiring collection says whether it archives 'before-expiry' or 'never'"
      : undefined,
  'retention.high-growth': ({ policy }) =>
    policy.retention.kind === 'permanent' && policy.growth.pattern === 'high'
      ? 'a collection of high growth needs a retention that expires'
      : undefined,
  'durability.regulated': ({ policy }) =>
    policy.durability !== 'journal-first' &&
    policy.traits.includes('append-only') &&
    (maximumLife(policy.retention) ?? 0) >= regulatedLife
      ? `records kept for ${formatDuration(regulatedLife)} or more are evidence; state durability: 'journal-first'`
      : undefined,
  'growth.sound': ({ policy: { growth } }) =>
    growth.documentBytes > 0 && growth.documentBytes <= 16 * 1024 * 1024 && growth.documentsPerDay > 0
      ? undefined
      : 'documents take between 1 byte and 16 MiB, and at least some come each day',
  'growth.pattern': ({ policy }) => growthFault(policy.growth),
  'decision.anti-pattern': ({ policy }) => {
    const { violations } = decide(traitsOf(policy));
    return violations.length > 0 ? violations.map(({ rule }) => rule).join('; ') : undefined;
  },
  'decision.mongodb': ({ policy }) => {
    const decision = decide(traitsOf(policy));
    return decision.store === 'mongodb'
      ? undefined
      : `the decision framework places it in PostgreSQL, because ${decision.reasons.join(', ')}`;
  },
  'index.serves': ({ policy }) => {
    const idle = policy.indexes.find((index) => !/^[a-z][A-Za-z0-9]+$/.test(index.serves));
    return idle && `the index on ${Object.keys(idle.key).join(', ')} names no query that it serves`;
  },
  'index.key': ({ policy }) =>
    policy.indexes.some((index) => Object.keys(index.key).length === 0) ? 'an index has no key' : undefined,
  'index.distinct': ({ policy }) => {
    const keys = policy.indexes.map((index) => JSON.stringify(Object.entries(index.key)));
    return new Set(keys).size < keys.length ? 'two indexes have the same key' : undefined;
  },
  'index.text': ({ policy }) => {
    const texts = policy.indexes.filter((index) => Object.values(index.key).includes('text'));
    return texts.length > 1 ? 'MongoDB allows one text index per collection' : undefined;
  },
  'index.unique-sharded': ({ policy }) => {
    const prefix = Object.keys(policy.shardKey);
    const loose = policy.indexes.find(
      (index) =>
        index.unique && !prefix.every((field, position) => Object.keys(index.key)[position] === field),
    );
    return (
      loose &&
      `the unique index on ${Object.keys(loose.key).join(', ')} must start with the shard key ${prefix.join(', ')}`
    );
  },
  'shard-key.required': ({ policy }) =>
    Object.keys(policy.shardKey).length === 0
      ? 'a shard key says how the collection grows past one machine'
      : undefined,
  'shard-key.hashed-unique': ({ policy }) =>
    Object.values(policy.shardKey).includes('hashed') && policy.indexes.some((index) => index.unique)
      ? 'a hashed shard key cannot keep an index unique; shard by its first field'
      : undefined,
};
