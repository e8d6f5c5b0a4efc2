import type { DateField, FieldPath } from './field-path.js';
import type { ExpiringRetention, PermanentRetention, Retention } from './retention.js';
import type { DeclaredTrait } from './traits.js';

/** How a collection grows: the pattern, and the estimates that monitoring thresholds follow from. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- compiler errors show it where another pattern is needed
export interface Growth<Pattern extends GrowthPattern = GrowthPattern, Rule extends string = never> {
  readonly pattern: Pattern;
  /** Average stored size of one document, in bytes. */
  readonly documentBytes: number;
  /** Documents added on a working day of a mid-sized deployment (about 500 users). */
  readonly documentsPerDay: number;
}
export type GrowthPattern = 'low' | 'moderate' | 'high';

export type IndexDirection = 1 | -1 | 'text' | 'hashed' | '2dsphere';

/** One index, and the exported query of the same package that it is for. */
export interface IndexDeclaration<T> {
  readonly key: { readonly [Path in FieldPath<T>]?: IndexDirection };
  /** Name of the exported query that this index serves; the conformance suite explains that query. */
  readonly serves: string;
  readonly unique?: boolean;
  /** Only documents that match are indexed; for sparse fields. */
  readonly partial?: { readonly [Path in FieldPath<T>]?: unknown };
  /** Weights of a text index. */
  readonly weights?: { readonly [Path in FieldPath<T>]?: number };
}

/** What happens to a document at the end of its life. */
export type Archive = 'before-expiry' | 'never';

/**
 * What recording an event promises. `buffered`: it waits in memory, and on disk only while the database is away or
 * memory is full, so a killed process loses what it has not yet written. `journal-first`: it is on disk before
 * `record` returns, so a killed process loses nothing.
 */
export type Durability = 'buffered' | 'journal-first';

interface PolicyBase<T> {
  /** The collection's stored name: the class name in snake_case. */
  readonly name: string;
  /** One sentence: what the collection holds. */
  readonly purpose: string;
  readonly traits: readonly DeclaredTrait[];
  readonly indexes: readonly IndexDeclaration<T>[];
  readonly shardKey: { readonly [Path in FieldPath<T> | '_id']?: 1 | 'hashed' };
  /** `buffered` when left out; regulated records, kept for years, must say `journal-first`. */
  readonly durability?: Durability;
}

/** Kept for good, so it must not grow fast: a permanent collection of high growth does not compile. */
export interface PermanentPolicy<T> extends PolicyBase<T> {
  readonly retention: PermanentRetention;
  readonly growth: Growth<
    'low' | 'moderate',
    'retention.high-growth: a collection of high growth needs a retention that expires'
  >;
  readonly time?: DateField<T>;
  readonly archive?: never;
}

/** Expires; `time` is the field that a document's life is counted from. */
export interface ExpiringPolicy<T> extends PolicyBase<T> {
  readonly retention: ExpiringRetention;
  readonly growth: Growth;
  readonly time: DateField<T>;
  readonly archive: Archive;
}

/**
 * Matches no policy. A member whose `retention` is a literal makes the compiler tell the other two apart by their
 * retention, so that an error speaks of the policy that was meant.
 */
interface Discriminant {
  readonly retention: '';
  readonly growth: never;
}

/** Everything that is stated about a collection, once. */
export type CollectionPolicy<T> = PermanentPolicy<T> | ExpiringPolicy<T> | Discriminant;

/** A policy whose document type has been forgotten, as the store holds it. */
export interface StoredPolicy {
  readonly name: string;
  readonly purpose: string;
  readonly retention: Retention;
  readonly growth: Growth;
  readonly time?: string;
  readonly archive?: Archive;
  readonly traits: readonly DeclaredTrait[];
  readonly indexes: readonly StoredIndex[];
  readonly shardKey: Readonly<Record<string, 1 | 'hashed'>>;
  readonly durability?: Durability;
}

/** An index declaration whose document type has been forgotten. */
export interface StoredIndex {
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly serves: string;
  readonly unique?: boolean;
  readonly partial?: Readonly<Record<string, unknown>>;
  readonly weights?: Readonly<Record<string, number>>;
}
