import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  between,
  days,
  DefinitionError,
  expiresAfter,
  expiryWithin,
  formatDuration,
  formatRetention,
  hours,
  maximumLife,
  narrowRetention,
  permanent,
  years,
} from '../index.js';
import { retentionFault, type RangeRetention } from './retention.js';

const longestLife = 2_147_483_647;
const anyLife = fc.integer({ min: 1, max: longestLife });
const anyRange = fc
  .tuple(anyLife, anyLife)
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => between(Math.min(one, other), Math.max(one, other)));
const anyRetention = fc.oneof(fc.constant(permanent()), anyLife.map(expiresAfter), anyRange);
const anyDate = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

describe('narrowing a retention', () => {
  it('stays within the bounds of the policy', () => {
    fc.assert(
      fc.property(anyRange, fc.double({ min: 0, max: 1, noNaN: true }), (range, share) => {
        const wanted = within(range, share);
        const narrowed = narrowRetention('api_request_log', range, wanted);
        expect(maximumLife(narrowed)).toBe(wanted);
        expect(retentionFault(narrowed)).toBeUndefined();
        if (narrowed.kind === 'range') expect(narrowed.minimumSeconds).toBe(range.minimumSeconds);
      }),
    );
  });

  it('refuses every value outside them, the nearest included, with the class and the rule', () => {
    const anyExcess = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1_000_000 }));
    fc.assert(
      fc.property(anyRange, anyExcess, fc.boolean(), (range, excess, above) => {
        const wanted = above ? range.maximumSeconds + excess : range.minimumSeconds - excess;
        expect(() => narrowRetention('api_request_log', range, wanted)).toThrow(
          expect.objectContaining({ subject: 'api_request_log', code: 'definition.retention.bounds' }),
        );
      }),
    );
  });

  it.each([Number.NaN, 86_400.5, Number.POSITIVE_INFINITY])('refuses %p seconds', (seconds) => {
    expect(() => narrowRetention('report_cache', between(hours(1), days(30)), seconds)).toThrow(
      DefinitionError,
    );
  });

  it('is for ranges only', () => {
    expect(() => narrowRetention('chat_message', permanent(), days(30))).toThrow("the policy's permanent");
    expect(() => narrowRetention('error_log', expiresAfter(days(90)), days(90))).toThrow("the policy's 90 d");
  });
});

describe('the expiry of one document', () => {
  it('lies within the bounds, whatever is asked for, and is what was asked for when that lies within', () => {
    fc.assert(
      fc.property(anyRange, anyDate, fc.integer(), (range, from, wanted) => {
        const life = (expiryWithin(range, from, wanted).getTime() - from.getTime()) / 1_000;
        expect(life).toBeGreaterThanOrEqual(range.minimumSeconds);
        expect(life).toBeLessThanOrEqual(range.maximumSeconds);
        if (wanted >= range.minimumSeconds && wanted <= range.maximumSeconds) expect(life).toBe(wanted);
      }),
    );
  });

  it.each([permanent(), expiresAfter(days(90))])('is no choice under $kind retention', (retention) => {
    expect(() => expiryWithin(retention, new Date(), days(1))).toThrow(
      expect.objectContaining({ code: 'definition.retention.no-range' }),
    );
  });
});

describe('a sound retention', () => {
  it('is every one of whole, positive seconds with its minimum below its maximum', () => {
    fc.assert(fc.property(anyRetention, (retention) => retentionFault(retention) === undefined));
  });

  it('is none that MongoDB cannot count or that leaves no room', () => {
    const unsound = fc.oneof(
      fc.integer({ max: 0 }).map(expiresAfter),
      fc
        .maxSafeInteger()
        .filter((seconds) => seconds > longestLife)
        .map(expiresAfter),
      fc
        .double()
        .filter((seconds) => !Number.isInteger(seconds))
        .map(expiresAfter),
      anyRange.map((range) => between(range.maximumSeconds, range.minimumSeconds)),
      anyLife.map((life) => between(life, life)),
    );
    fc.assert(fc.property(unsound, (retention) => retentionFault(retention) !== undefined));
  });
});

describe('writing durations', () => {
  const seconds: Record<string, number> = { y: years(1), d: days(1), h: hours(1), min: 60, s: 1 };

  it('loses nothing: the text reads back as the same seconds', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        const [count, unit] = formatDuration(life).split(' ');
        expect(Number(count) * (seconds[unit as string] as number)).toBe(life);
      }),
    );
  });

  it.each([
    [years(7), '7 y'],
    [days(365), '1 y'],
    [days(90), '90 d'],
    [days(1), '24 h'],
    [hours(1), '1 h'],
    [90, '90 s'],
    [120, '2 min'],
  ])('writes %i seconds as %s', (life, text) => {
    expect(formatDuration(life)).toBe(text);
  });

  it('writes a retention as its bounds', () => {
    expect([permanent(), expiresAfter(days(90)), between(hours(1), days(30))].map(formatRetention)).toEqual([
      'permanent',
      '90 d',
      '1 h to 30 d',
    ]);
  });
});

function within(range: RangeRetention, share: number): number {
  return range.minimumSeconds + Math.floor((range.maximumSeconds - range.minimumSeconds) * share);
}
