import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { advanceAlert, noteChange, type AlertStep } from './advance-alert.js';
import type { AlertCondition, AlertState } from '../collections/user-alert-config-parts.js';

const beginning = Date.UTC(2026, 0, 5, 8);
const at = (seconds: number): Date => new Date(beginning + seconds * 1_000);
const calm: AlertState = { status: 'ok', since: at(0), fired_count: 0 };
const threshold = 20;

const condition = fc.record({
  operator: fc.constantFrom('gt' as const, 'gte' as const),
  threshold: fc.constant(threshold),
  clear_threshold: fc.option(fc.integer({ min: 5, max: threshold }), { nil: undefined }),
  for_seconds: fc.constantFrom(0, 1, 30, 60),
  cool_down_seconds: fc.constantFrom(0, 45, 300),
  missing_data: fc.constantFrom('keep' as const, 'ok' as const, 'alert' as const),
}) as fc.Arbitrary<AlertCondition>;
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const observations = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), value), { minLength: 1, maxLength: 60 })
  .map((steps) => {
    let seconds = 0;
    return steps.map(([pause, seen]) => ({ at: at((seconds += pause)), value: seen }));
  });

type Seen = { at: Date; value: number | undefined };
const run = (rule: AlertCondition, seen: readonly Seen[], options = {}) => {
  const steps: (AlertStep & Seen & { before: AlertState })[] = [];
  let state = calm;
  for (const observation of seen) {
    const step = advanceAlert(rule, state, observation, options);
    steps.push({ ...step, ...observation, before: state });
    state = step.state;
  }
  return steps;
};
const holds = ({ operator, missing_data }: AlertCondition, seen: number | undefined): boolean => {
  if (seen === undefined) return missing_data === 'alert';
  return operator === 'gt' ? seen > threshold : seen >= threshold;
};
const secondsBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1_000;

describe('an alert, whatever is observed and whenever', () => {
  it('fires only when the condition has held in every observation of its duration', () => {
    fc.assert(
      fc.property(condition, observations, (rule, seen) => {
        const steps = run(rule, seen);
        steps.forEach((step, index) => {
          if (step.event !== 'fired') return;
          const earlier = steps.slice(0, index + 1).toReversed();
          const known =
            rule.missing_data === 'keep' ? earlier.filter((past) => past.value !== undefined) : earlier;
          const broken = known.find((past) => !holds(rule, past.value));
          const run = known.slice(0, broken ? known.indexOf(broken) : undefined);
          expect(secondsBetween(run.at(-1)!.at, step.at)).toBeGreaterThanOrEqual(rule.for_seconds);
        });
      }),
    );
  });

  it('never fires twice within its cool-down', () => {
    fc.assert(
      fc.property(condition, observations, (rule, seen) => {
        const fired = run(rule, seen).filter(({ event }) => event === 'fired');
        fired.slice(1).forEach((step, index) => {
          expect(secondsBetween(fired[index]!.at, step.at)).toBeGreaterThanOrEqual(rule.cool_down_seconds);
        });
      }),
    );
  });

  it('clears only by a value past the threshold at which it clears', () => {
    fc.assert(
      fc.property(condition, observations, (rule, seen) => {
        for (const { event, value: cleared } of run(rule, seen)) {
          if (event !== 'cleared') continue;
          const limit = rule.clear_threshold ?? threshold;
          if (cleared === undefined) expect(rule.missing_data).toBe('ok');
          else expect(rule.operator === 'gt' ? cleared <= limit : cleared < limit).toBe(true);
        }
      }),
    );
  });

  it('tells of a firing and its end in turn, and numbers the firings', () => {
    fc.assert(
      fc.property(condition, observations, (rule, seen) => {
        const steps = run(rule, seen);
        const events = steps.flatMap(({ event }) => event ?? []);
        expect(events).toEqual(events.map((_, index) => (index % 2 === 0 ? 'fired' : 'cleared')));
        const count = events.filter((event) => event === 'fired').length;
        expect(steps.at(-1)?.state.fired_count).toBe(count);
        expect(steps.at(-1)?.state.status === 'firing').toBe(events.at(-1) === 'fired');
      }),
    );
  });

  it('fires no later than it must: once held, rested and observed', () => {
    fc.assert(
      fc.property(condition, observations, (rule, seen) => {
        for (const { state, at: now, before, value: observed } of run(rule, seen)) {
          if (state.status !== 'pending' || (observed === undefined && rule.missing_data === 'keep'))
            continue;
          const isRested =
            !before.last_fired_at || secondsBetween(before.last_fired_at, now) >= rule.cool_down_seconds;
          expect(isRested && secondsBetween(state.since, now) >= rule.for_seconds).toBe(false);
        }
      }),
    );
  });

  it('goes on where it was after a restart', () => {
    fc.assert(
      fc.property(condition, observations, fc.nat(60), (rule, seen, cut) => {
        const stored = run(rule, seen.slice(0, cut)).at(-1)?.state ?? calm;
        const restored = JSON.parse(JSON.stringify(stored), (key, kept: unknown) =>
          /^(since|last_.*_at)$/.test(key) ? new Date(kept as string) : kept,
        ) as AlertState;
        let state = restored;
        for (const observation of seen.slice(cut)) state = advanceAlert(rule, state, observation).state;
        expect(state).toEqual(run(rule, seen).at(-1)?.state);
      }),
    );
  });
});

it('an evaluation that paused for too long begins to count anew', () => {
  const rule: AlertCondition = {
    operator: 'gt',
    threshold,
    for_seconds: 60,
    cool_down_seconds: 0,
    missing_data: 'keep',
  };
  const seen = [0, 30, 200, 230, 260].map((seconds) => ({ at: at(seconds), value: 30 }));
  const statuses = run(rule, seen, { toleratedGapSeconds: 100 }).map(({ state }) => state.status);
  expect(statuses).toEqual(['pending', 'pending', 'pending', 'pending', 'firing']);
});

it.each([
  ['eq', 'blocked', 'blocked', 'open'],
  ['ne', 'done', 'open', 'done'],
  ['eq', true, true, false],
  ['lt', 20, 19, 20],
  ['lte', 20, 20, 21],
] as const)('%s %p holds for %p and not for %p', (operator, limit, held, quiet) => {
  const rule = { operator, threshold: limit, for_seconds: 0, cool_down_seconds: 0 } as AlertCondition;
  expect(advanceAlert(rule, calm, { at: at(1), value: held }).event).toBe('fired');
  expect(advanceAlert(rule, calm, { at: at(1), value: quiet }).event).toBeUndefined();
});

it('an alert on changes tells of each, and of none while it rests', () => {
  const rule = { operator: 'changed', for_seconds: 0, cool_down_seconds: 60 } as AlertCondition;
  const first = noteChange(rule, calm, { at: at(0), value: 'open' });
  expect(first).toMatchObject({ event: 'fired', state: { status: 'ok', fired_count: 1 } });
  const second = noteChange(rule, first.state, { at: at(59), value: 'blocked' });
  expect(second).toMatchObject({ state: { fired_count: 1, last_value: 'blocked' } });
  expect(second.event).toBeUndefined();
  expect(noteChange(rule, second.state, { at: at(60), value: 'done' }).event).toBe('fired');
});
