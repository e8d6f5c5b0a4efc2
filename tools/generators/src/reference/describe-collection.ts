import {
  deriveIndexes,
  expectSize,
  formatRetention,
  traitsOf,
  type CollectionDefinition,
} from '@infratraq/kernel';
import { buildCollectionSchema } from '@infratraq/mongo';
import { describeFields } from './describe-fields.js';

/** Everything that a collection states and what derives from it, as plain data. */
export function describeCollection(definition: CollectionDefinition) {
  const { name, category, policy } = definition;
  const { pattern, documentBytes, documentsPerDay } = policy.growth;
  return {
    name,
    category,
    class: definition.class.name,
    purpose: policy.purpose,
    retention: { text: formatRetention(policy.retention), ...policy.retention },
    archive: policy.archive ?? null,
    durability: policy.durability ?? 'buffered',
    time: policy.time ?? null,
    growth: { pattern, documentBytes, documentsPerDay },
    expected: expectSize(policy),
    traits: traitsOf(policy),
    shardKey: policy.shardKey,
    // A list, because the order of its fields is part of an index.
    indexes: deriveIndexes(definition).map(({ key, ...index }) => ({ ...index, key: Object.entries(key) })),
    fields: describeFields(buildCollectionSchema(definition.class)),
  };
}

export type CollectionDescription = ReturnType<typeof describeCollection>;
