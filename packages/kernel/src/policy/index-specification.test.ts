import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  between,
  days,
  deriveIndexes,
  expiresAfter,
  growth,
  permanent,
  type StoredPolicy,
} from '../index.js';
import { type ExpiringRetention } from './retention.js';

const anyExpiring = fc.oneof(
  fc.integer({ min: 1, max: 2_147_483_647 }).map((seconds): ExpiringRetention => expiresAfter(seconds)),
  fc
    .tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1_001, max: 2_147_483_647 }))
    .map(([minimum, maximum]): ExpiringRetention => between(minimum, maximum)),
);

describe('derived indexes', () => {
  it('of a permanent collection are those that it declares', () => {
    const indexes = deriveIndexes({
      policy: policy({
        retention: permanent(),
        time: 'created_at',
        indexes: [{ key: { user_id: 1 }, serves: 'findByUser' }],
      }),
    });
    expect(indexes).toEqual([{ name: 'user_id_1', key: { user_id: 1 }, serves: 'findByUser' }]);
  });

  it('carry what an index declares and nothing else', () => {
    const partial = { endpoint: { $exists: true } };
    const [compound, text] = deriveIndexes({
      policy: policy({
        retention: permanent(),
        indexes: [
          { key: { 'endpoint.path': 1, created_at: -1 }, serves: 'listByPath', unique: true, partial },
          { key: { title: 'text', body: 'text' }, serves: 'search', weights: { title: 10, body: 1 } },
        ],
      }),
    });
    expect(compound).toEqual({
      name: 'endpoint.path_1_created_at_-1',
      key: { 'endpoint.path': 1, created_at: -1 },
      unique: true,
      partialFilterExpression: partial,
      serves: 'listByPath',
    });
    expect(text).toEqual({
      name: 'title_text_body_text',
      key: { title: 'text', body: 'text' },
      weights: { title: 10, body: 1 },
      serves: 'search',
    });
  });

  it.each([
    ['fixed', 'never', expiresAfter(days(90)), [{ key: { created_at: 1 }, expireAfterSeconds: 7_776_000 }]],
    [
      'fixed',
      'before-expiry',
      expiresAfter(days(90)),
      [{ key: { created_at: 1 }, expireAfterSeconds: 7_776_000, filter: { archived_at: { $exists: true } } }],
    ],
    [
      'range',
      'never',
      between(days(30), days(90)),
      [
        { key: { created_at: 1 }, expireAfterSeconds: 7_776_000 },
        { key: { expires_at: 1 }, expireAfterSeconds: 0, filter: { expires_at: { $exists: true } } },
      ],
    ],
    [
      'range',
      'before-expiry',
      between(days(30), days(90)),
      [
        { key: { created_at: 1 }, expireAfterSeconds: 7_776_000, filter: { archived_at: { $exists: true } } },
        { key: { expires_at: 1 }, expireAfterSeconds: 0, filter: { archived_at: { $exists: true } } },
      ],
    ],
  ] as const)('let documents of %s retention, archived %s, expire', (_kind, archive, retention, expected) => {
    const derived = deriveIndexes({ policy: policy({ retention, archive, time: 'created_at' }) });
    expect(
      derived.map(({ key, expireAfterSeconds, partialFilterExpression }) => ({
        key,
        expireAfterSeconds,
        ...(partialFilterExpression && { filter: partialFilterExpression }),
      })),
    ).toEqual(expected);
    expect(derived.every((index) => index.serves === 'expiry')).toBe(true);
  });

  it.each([
    ['a hashed key', { user_id: 'hashed' }, [], ['user_id_hashed']],
    ['hashed ids', { _id: 'hashed' }, [], ['_id_hashed']],
    [
      'a key that no index begins with',
      { user_id: 1, kind: 1 },
      ['user_id'],
      ['user_id_1', 'user_id_1_kind_1'],
    ],
    ['a key that an index begins with', { user_id: 1 }, ['user_id'], ['user_id_1']],
  ] as const)('hold what sharding by %s needs, once', (_what, shardKey, declared, expected) => {
    const indexes = declared.map((path) => ({ key: { [path]: 1 as const }, serves: 'findByUser' }));
    const derived = deriveIndexes({ policy: policy({ retention: permanent(), shardKey, indexes }) });
    expect(derived.map(({ name }) => name)).toEqual(expected);
  });

  it('do not take an index for it that leaves documents out', () => {
    const partial = { user_id: { $exists: true } };
    const indexes = [{ key: { user_id: 1 as const }, serves: 'findByUser', partial }];
    const derived = deriveIndexes({
      policy: policy({ retention: permanent(), shardKey: { user_id: 1 }, indexes }),
    });
    expect(derived.map(({ name }) => name)).toEqual(['user_id_1', 'user_id_1_sharding']);
  });

  it('delete nothing that is not archived, exactly where the policy archives before expiry', () => {
    fc.assert(
      fc.property(
        anyExpiring,
        fc.constantFrom('before-expiry' as const, 'never' as const),
        (retention, archive) => {
          const indexes = deriveIndexes({ policy: policy({ retention, archive, time: 'created_at' }) });
          const gates = indexes.map((index) => 'archived_at' in (index.partialFilterExpression ?? {}));
          expect(gates).toEqual(indexes.map(() => archive === 'before-expiry'));
          expect(indexes).toHaveLength(retention.kind === 'range' ? 2 : 1);
        },
      ),
    );
  });
});

function policy(stated: Partial<StoredPolicy>): StoredPolicy {
  return {
    name: 'sample',
    purpose: 'Samples',
    retention: permanent(),
    growth: growth('low', { documentBytes: 500, documentsPerDay: 10 }),
    traits: ['nested-fields'],
    indexes: [],
    shardKey: { _id: 1 },
    ...stated,
  };
}
