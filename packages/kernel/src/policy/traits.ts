/** What can be said about data when its store is chosen; the wording follows the decision framework of the specification. */
export const traits = {
  'foreign-keys': { store: 'postgresql', reason: 'foreign key constraints are required' },
  'acid-transactions': { store: 'postgresql', reason: 'ACID transactions are needed' },
  'complex-joins': { store: 'postgresql', reason: 'queries join several entities' },
  'strict-schema': { store: 'postgresql', reason: 'the schema must be enforced strictly' },
  'financial-data': { store: 'postgresql', reason: 'it is financial or accounting data' },
  'master-data': { store: 'postgresql', reason: 'it is master data with referential integrity' },
  'approval-chain': { store: 'postgresql', reason: 'approval chains need foreign key integrity' },
  'variable-schema': { store: 'mongodb', reason: 'the schema varies per record' },
  'append-only': { store: 'mongodb', reason: 'records are only ever appended' },
  'ttl-expiry': { store: 'mongodb', reason: 'records expire by themselves' },
  'nested-fields': { store: 'mongodb', reason: 'documents carry nested fields or arrays' },
  'high-throughput': { store: 'mongodb', reason: 'writes come at a high rate' },
  'flexible-payload': { store: 'mongodb', reason: 'payloads are free-form JSON' },
} as const satisfies Record<string, { store: DataStore; reason: string }>;

/** The two stores that data can belong in. */
export type DataStore = 'postgresql' | 'mongodb';
/** A trait of data, by name. */
export type Trait = keyof typeof traits;

/** Traits that a class declares; the others follow from its retention and growth. */
export type DeclaredTrait = Exclude<Trait, 'ttl-expiry' | 'high-throughput'>;

/** Tells whether `name` is a trait. */
export function isTrait(name: string): name is Trait {
  return Object.hasOwn(traits, name);
}
