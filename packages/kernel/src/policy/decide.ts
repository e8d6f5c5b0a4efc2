import type { StoredPolicy } from './policy.js';
import { traits, type DataStore, type Trait } from './traits.js';

/** A rule of the specification that must never be broken in the document store. */
export interface AntiPattern {
  readonly code: string;
  readonly rule: string;
  readonly isViolatedBy: (traits: ReadonlySet<Trait>) => boolean;
}

/** The anti-patterns of the specification. */
export const antiPatterns: readonly AntiPattern[] = [
  {
    code: 'financial-transactions',
    rule: 'Never store financial transactions in MongoDB',
    isViolatedBy: (given) => given.has('financial-data'),
  },
  {
    code: 'joins-across-collections',
    rule: 'Never build joins across MongoDB collections',
    isViolatedBy: (given) => given.has('complex-joins'),
  },
  {
    code: 'approval-chains',
    rule: 'Never use MongoDB for approval chains that need foreign key integrity',
    isViolatedBy: (given) => given.has('approval-chain'),
  },
  {
    code: 'high-volume-log-without-ttl',
    rule: 'Never skip TTL for high-volume logs',
    isViolatedBy: (given) =>
      given.has('high-throughput') && given.has('append-only') && !given.has('ttl-expiry'),
  },
];

/** Which store data belongs in, and why. */
export interface Decision {
  readonly store: DataStore;
  /** Why, one per trait that speaks for the chosen store. */
  readonly reasons: readonly string[];
  /** Traits that speak for the other store. */
  readonly against: readonly string[];
  /** Anti-patterns that keeping this data in MongoDB would break. */
  readonly violations: readonly AntiPattern[];
}

/**
 * Chooses the store for data with these traits.
 *
 * One trait that needs PostgreSQL decides for it, whatever else is true; without any trait the answer is
 * PostgreSQL too, because nothing speaks for leaving the relational store.
 *
 * @example decide(['append-only', 'ttl-expiry']).store // 'mongodb'
 */
export function decide(given: Iterable<Trait>): Decision {
  const set = new Set(given);
  const reasonsFor = (store: DataStore) =>
    [...set].filter((trait) => traits[trait].store === store).map((trait) => traits[trait].reason);
  const relational = reasonsFor('postgresql');
  const documental = reasonsFor('mongodb');
  const violations = antiPatterns.filter((antiPattern) => antiPattern.isViolatedBy(set));
  if (relational.length > 0)
    return { store: 'postgresql', reasons: relational, against: documental, violations };
  if (documental.length > 0) return { store: 'mongodb', reasons: documental, against: [], violations };
  return { store: 'postgresql', reasons: ['no trait calls for the document store'], against: [], violations };
}

/** All traits of a collection: those it declares and those that follow from its retention and growth. */
export function traitsOf(policy: Pick<StoredPolicy, 'traits' | 'retention' | 'growth'>): Trait[] {
  return [
    ...policy.traits,
    ...(policy.retention.kind === 'permanent' ? [] : (['ttl-expiry'] as const)),
    ...(policy.growth.pattern === 'high' ? (['high-throughput'] as const) : []),
  ];
}
