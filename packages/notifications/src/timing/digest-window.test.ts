import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestDueAt } from './digest-window.js';

const minute = 60_000;
const hour = 60 * minute;
const zones = [
  'Europe/Vienna',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'UTC',
];
const longestHours = { hourly: 2, daily: 25, weekly: 7 * 24 + 1 };

const digests = fc.record({
  frequency: fc.constantFrom('hourly', 'daily', 'weekly'),
  at: fc
    .integer({ min: 0, max: 95 })
    .map(
      (step) =>
        `${String(Math.floor(step / 4)).padStart(2, '0')}:${String((step % 4) * 15).padStart(2, '0')}`,
    ),
  weekday: fc.integer({ min: 1, max: 7 }),
});
const moments = fc
  .integer({ min: Date.UTC(2026, 0, 1) / 1_000, max: Date.UTC(2028, 0, 1) / 1_000 })
  .map((seconds) => new Date(seconds * 1_000));

function wallClock(at: Date, timeZone: string): { time: string; weekday: number } {
  const time = at.toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  const name = at.toLocaleDateString('en-GB', { timeZone, weekday: 'short' });
  return { time, weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(name) + 1 };
}

describe('the digest that a notification goes out with', () => {
  it('comes later than the notification, within one period, at the time that was chosen', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), digests, moments, (zone, digest, at) => {
        const due = digestDueAt(at, zone, digest)!;
        const wait = due.getTime() - at.getTime();
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(longestHours[digest.frequency] * hour);
        const shown = wallClock(due, zone);
        if (digest.frequency === 'hourly') return expect(shown.time.slice(3)).toMatch(/00|30/);
        // Only where the clocks skip the time is it another one: the moment at which they do, at midnight too.
        const before = wallClock(new Date(due.getTime() - minute), zone);
        const lastShown = before.time < shown.time ? before.time : '';
        const isSkipped = lastShown < digest.at && digest.at < shown.time;
        if (!isSkipped) expect(shown.time).toBe(digest.at);
        if (digest.frequency === 'weekly') expect(shown.weekday).toBe(digest.weekday);
      }),
      {
        numRuns: 1_000,
        // Clocks that skip midnight.
        examples: [
          [
            'America/Santiago',
            { frequency: 'daily', at: '00:15', weekday: 1 },
            new Date('2026-09-05T12:00:00Z'),
          ],
        ],
      },
    );
  });

  it('is the same for all that comes before it, and another for what comes then', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        digests,
        moments,
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (zone, digest, at, share) => {
          const due = digestDueAt(at, zone, digest)!;
          const between = new Date(Math.floor(at.getTime() + share * (due.getTime() - at.getTime())));
          expect(digestDueAt(between, zone, digest)).toEqual(due);
          expect(digestDueAt(due, zone, digest)!.getTime()).toBeGreaterThan(due.getTime());
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not exist for those who take none', () => {
    const digest = { frequency: 'off', at: '08:00', weekday: 1 } as const;
    expect(digestDueAt(new Date(), 'UTC', digest)).toBeUndefined();
  });

  it('goes by UTC where there is no zone of the name that is set', () => {
    const at = new Date('2026-06-06T23:00:00Z');
    for (const frequency of ['hourly', 'daily'] as const) {
      const digest = { frequency, at: '08:00', weekday: 1 };
      expect(digestDueAt(at, 'Mars/Olympus', digest)).toEqual(digestDueAt(at, 'UTC', digest));
    }
  });
});
