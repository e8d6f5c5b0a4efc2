import { describe, expect, it } from '@jest/globals';
import {
  between,
  Collection,
  collectionNameOf,
  days,
  defineCategory,
  defineStore,
  DefinitionError,
  expectSize,
  expiresAfter,
  growth,
  NotFoundError,
  permanent,
  policyOf,
  type DocumentClass,
  type StoredPolicy,
} from '../index.js';
import { type CollectionPolicy } from './policy.js';
import { collectionRules } from './collection-rules.js';

const sound: StoredPolicy = {
  name: 'gate_reading',
  purpose: 'Readings of gates',
  retention: expiresAfter(days(90)),
  time: 'read_at',
  archive: 'never',
  growth: growth('moderate', { documentBytes: 500, documentsPerDay: 1_000 }),
  traits: ['append-only'],
  indexes: [{ key: { gate_id: 1, read_at: -1 }, serves: 'listReadingsOfGate' }],
  shardKey: { gate_id: 1 },
};

const index = sound.indexes[0] as StoredPolicy['indexes'][number];

const violations: [rule: string, change: Partial<StoredPolicy>, message: string | RegExp][] = [
  ['retention.sound', { retention: expiresAfter(0) }, 'whole number of seconds'],
  ['retention.sound', { retention: between(days(9), days(3)) }, 'the minimum must be below the maximum'],
  ['time.required', { time: undefined }, 'names the time field'],
  ['archive.required', { archive: undefined }, "'before-expiry' or 'never'"],
  [
    'retention.high-growth',
    { retention: permanent(), growth: growth('high', { documentBytes: 500, documentsPerDay: 1_000 }) },
    'needs a retention that expires',
  ],
  [
    'durability.regulated',
    { retention: between(days(30), days(800)) },
    "records kept for 2 y or more are evidence; state durability: 'journal-first'",
  ],
  [
    'growth.sound',
    { growth: growth('low', { documentBytes: 0, documentsPerDay: 1 }) },
    'between 1 byte and 16 MiB',
  ],
  ['growth.sound', { growth: growth('low', { documentBytes: 2 ** 25, documentsPerDay: 1 }) }, '16 MiB'],
  [
    'growth.sound',
    { growth: growth('low', { documentBytes: 500, documentsPerDay: Number.NaN }) },
    'each day',
  ],
  [
    'growth.pattern',
    { growth: growth('moderate', { documentBytes: 500, documentsPerDay: 10_000_000 }) },
    'moderate growth is at most 50,000 documents and 1,000,000,000 bytes a day, not 10,000,000 documents',
  ],
  ['growth.pattern', { growth: growth('low', { documentBytes: 2e6, documentsPerDay: 10 }) }, 'low growth is'],
  [
    'growth.pattern',
    { growth: growth('high', { documentBytes: 500, documentsPerDay: 1_000 }) },
    'high growth is at least 10,000 documents or 100,000,000 bytes a day, not 1,000 documents',
  ],
  ['decision.mongodb', { traits: ['master-data'] }, 'places it in PostgreSQL, because it is master data'],
  ['decision.mongodb', { traits: [], retention: permanent() }, 'no trait calls for the document store'],
  ['decision.anti-pattern', { traits: ['financial-data'] }, 'Never store financial transactions in MongoDB'],
  [
    'decision.anti-pattern',
    { traits: ['complex-joins', 'approval-chain'] },
    /Never build joins across MongoDB collections; Never use MongoDB for approval chains/,
  ],
  ['index.serves', { indexes: [{ ...index, serves: '' }] }, 'gate_id, read_at names no query'],
  ['index.key', { indexes: [{ key: {}, serves: 'listReadings' }] }, 'an index has no key'],
  ['index.distinct', { indexes: [index, { ...index, serves: 'another' }] }, 'two indexes have the same key'],
  [
    'index.text',
    {
      indexes: [
        { key: { note: 'text' }, serves: 'searchNotes' },
        { key: { title: 'text' }, serves: 'searchTitles' },
      ],
    },
    'one text index',
  ],
  [
    'index.unique-sharded',
    { indexes: [{ key: { serial: 1 }, serves: 'findBySerial', unique: true }] },
    'the unique index on serial must start with the shard key gate_id',
  ],
  ['shard-key.required', { shardKey: {} }, 'how the collection grows past one machine'],
  [
    'shard-key.hashed-unique',
    { shardKey: { gate_id: 'hashed' }, indexes: [{ ...index, unique: true }] },
    'a hashed shard key cannot keep an index unique',
  ],
];

describe('a store', () => {
  it.each(violations)('rejects what breaks %s: %j', (rule, change, message) => {
    const define = () => storeOf(classWith({ ...sound, ...change }));
    expect(define).toThrow(DefinitionError);
    expect(define).toThrow(
      expect.objectContaining({ subject: 'GateReading', rule, code: `definition.${rule}` }),
    );
    expect(define).toThrow(message);
    expect(define).toThrow(/^GateReading: /);
  });

  it('has a case above for every rule', () => {
    expect(new Set(violations.map(([rule]) => rule))).toEqual(new Set(Object.keys(collectionRules)));
  });

  it('holds sound collections by name and by class, and cannot be changed', () => {
    const GateReading = classWith(sound);
    const store = storeOf(GateReading);
    expect(store.collections).toEqual([
      { name: 'gate_reading', category: 'gates', class: GateReading, policy: sound },
    ]);
    expect(store.collection('gate_reading')).toBe(store.definitionOf(GateReading));
    expect([store, store.collections, store.collections[0], store.categories].every(Object.isFrozen)).toBe(
      true,
    );
  });

  it('says so when it has no such collection', () => {
    const store = storeOf(classWith(sound));
    expect(() => store.collection('gates')).toThrow(NotFoundError);
    expect(() => store.definitionOf(classWith(sound))).toThrow('The store has no collection GateReading');
  });

  it('rejects a category or a collection that is declared twice', () => {
    const gates = defineCategory({ name: 'gates', collections: { GateReading: classWith(sound) } });
    const again = defineCategory({ name: 'more_gates', collections: { GateReading: classWith(sound) } });
    expect(() => defineStore([gates, gates])).toThrow(
      expect.objectContaining({ subject: 'gates', rule: 'category.unique' }),
    );
    expect(() => defineStore([gates, again])).toThrow(
      expect.objectContaining({ subject: 'gate_reading', rule: 'name.unique' }),
    );
  });
});

describe('a category', () => {
  it('rejects a class without a policy, an inherited one included', () => {
    class Bare {}
    class Inheriting extends classWith(sound) {}
    for (const target of [Bare, Inheriting])
      expect(() => defineCategory({ name: 'gates', collections: { target } })).toThrow(
        expect.objectContaining({ subject: target.name, rule: 'policy.missing' }),
      );
  });

  it('rejects a class whose collection is named otherwise', () => {
    const target = classWith({ ...sound, name: 'gate_readings' });
    expect(() => defineCategory({ name: 'gates', collections: { target } })).toThrow(
      expect.objectContaining({ subject: 'GateReading', rule: 'name.agrees' }),
    );
  });
});

describe('a policy', () => {
  it('is attached to the class and to nothing else', () => {
    const GateReading = classWith(sound);
    expect(policyOf(GateReading)).toEqual(sound);
    expect(Object.isFrozen(policyOf(GateReading))).toBe(true);
    expect(Object.keys(GateReading)).toEqual([]);
  });

  it.each([
    ['ChatMessage', 'chat_message'],
    ['MlModelRegistry', 'ml_model_registry'],
    ['NlpQueryHistory', 'nlp_query_history'],
    ['Sla2Report', 'sla2_report'],
  ])('of %s is stored as %s', (className, name) => {
    expect(collectionNameOf(className)).toBe(name);
  });

  it('tells how large its collection gets: a full retention period, or a year when permanent', () => {
    const estimate = growth('low', { documentBytes: 100, documentsPerDay: 10 });
    expect(expectSize({ growth: estimate, retention: expiresAfter(days(90)) })).toEqual({
      documents: 900,
      bytes: 90_000,
      warnBytes: 135_000,
      warnBacklogDocuments: 10,
    });
    expect(expectSize({ growth: estimate, retention: between(days(30), days(60)) }).documents).toBe(600);
    expect(expectSize({ growth: estimate, retention: permanent() }).documents).toBe(3_650);
  });
});

// A policy that the compiler would refuse reaches defineStore from JavaScript, or through a cast.
function classWith(policy: StoredPolicy): DocumentClass {
  class GateReading {}
  Collection<GateReading>(policy as CollectionPolicy<GateReading>)(GateReading);
  return GateReading;
}

function storeOf(GateReading: DocumentClass) {
  return defineStore([defineCategory({ name: 'gates', collections: { GateReading } })]);
}
