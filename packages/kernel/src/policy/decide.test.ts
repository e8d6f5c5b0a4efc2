import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  antiPatterns,
  decide,
  isTrait,
  traits,
  traitsOf,
  days,
  expiresAfter,
  growth,
  permanent,
  type Trait,
} from '../index.js';

const names = Object.keys(traits) as Trait[];
const relational = names.filter((trait) => traits[trait].store === 'postgresql');
const documental = names.filter((trait) => traits[trait].store === 'mongodb');

describe('the decision framework', () => {
  it('knows every criterion of the specification', () => {
    expect(relational).toEqual(
      expect.arrayContaining([
        'foreign-keys',
        'acid-transactions',
        'complex-joins',
        'strict-schema',
        'financial-data',
        'master-data',
      ]),
    );
    expect(documental).toEqual([
      'variable-schema',
      'append-only',
      'ttl-expiry',
      'nested-fields',
      'high-throughput',
      'flexible-payload',
    ]);
  });

  it('chooses PostgreSQL as soon as one trait needs it, and says what speaks against it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...relational), fc.subarray(names), (needed, others) => {
        const decision = decide([needed, ...others]);
        expect(decision.store).toBe('postgresql');
        expect(decision.reasons).toContain(traits[needed].reason);
        expect(decision.against).toHaveLength(others.filter((trait) => documental.includes(trait)).length);
      }),
    );
  });

  it('chooses MongoDB when only its traits are given, one reason for each', () => {
    fc.assert(
      fc.property(fc.subarray(documental, { minLength: 1 }), (given) => {
        const { store, reasons, against } = decide(given);
        expect({ store, reasons, against }).toEqual({
          store: 'mongodb',
          reasons: given.map((trait) => traits[trait].reason),
          against: [],
        });
      }),
    );
  });

  it('stays with PostgreSQL when nothing is said', () => {
    expect(decide([])).toMatchObject({
      store: 'postgresql',
      reasons: ['no trait calls for the document store'],
    });
  });

  it('counts a trait once', () => {
    expect(decide(['append-only', 'append-only']).reasons).toHaveLength(1);
  });

  it.each([
    ['financial-transactions', ['financial-data']],
    ['joins-across-collections', ['complex-joins']],
    ['approval-chains', ['approval-chain']],
    ['high-volume-log-without-ttl', ['append-only', 'high-throughput']],
  ] as [string, Trait[]][])('names the anti-pattern %s', (code, given) => {
    expect(decide(given).violations.map((violation) => violation.code)).toEqual([code]);
  });

  it('names every anti-pattern at once', () => {
    const all = names.filter((trait) => trait !== 'ttl-expiry');
    expect(decide(all).violations).toEqual(antiPatterns);
  });

  it('accepts a high-volume log that expires', () => {
    expect(decide(['append-only', 'high-throughput', 'ttl-expiry']).violations).toEqual([]);
  });

  it('recognises the names of traits and nothing else', () => {
    expect(names.every(isTrait)).toBe(true);
    expect(['', 'toString', 'constructor', 'append_only'].some(isTrait)).toBe(false);
  });
});

describe('the traits of a collection', () => {
  const estimate = { documentBytes: 500, documentsPerDay: 100 };

  it('include what follows from retention and growth', () => {
    expect(
      traitsOf({
        traits: ['append-only'],
        retention: expiresAfter(days(90)),
        growth: growth('high', estimate),
      }),
    ).toEqual(['append-only', 'ttl-expiry', 'high-throughput']);
    expect(
      traitsOf({ traits: ['nested-fields'], retention: permanent(), growth: growth('low', estimate) }),
    ).toEqual(['nested-fields']);
  });
});
