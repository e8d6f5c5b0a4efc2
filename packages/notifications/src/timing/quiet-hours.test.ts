import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterQuietHours } from './quiet-hours.js';

// Zones whose clocks change by an hour, by half an hour, in the southern summer, at midnight, and never.
const zones = [
  'Europe/Vienna',
  'America/New_York',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'UTC',
];
const minute = 60_000;
const hour = 60 * minute;

/** What clocks in a zone show, read in another way than the code does. */
function wallClock(at: Date, timeZone: string): { minutes: number; weekday: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  } as Intl.DateTimeFormatOptions).formatToParts(at);
  const read = (type: string) => parts.find((part) => part.type === type)!.value;
  const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(read('weekday')) + 1;
  return { minutes: Number(read('hour')) * 60 + Number(read('minute')), weekday };
}

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

interface Quiet {
  enabled: boolean;
  from: string;
  to: string;
  weekdays: number[];
}

/** Whether a clock on the wall is within quiet hours. */
function isQuietOnTheWall(at: Date, timeZone: string, { from, to, weekdays }: Quiet): boolean {
  const { minutes, weekday } = wallClock(at, timeZone);
  const [begins, ends] = [minutesOf(from), minutesOf(to)];
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  if (begins < ends) return weekdays.includes(weekday) && begins <= minutes && minutes < ends;
  return (
    (weekdays.includes(weekday) && minutes >= begins) || (weekdays.includes(yesterday) && minutes < ends)
  );
}

const quietHours = fc
  .record({
    begins: fc.integer({ min: 0, max: 287 }),
    lastsFor: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 287 })),
    weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
  })
  .map(({ begins, lastsFor, weekdays }) => ({
    from: clock(begins * 5),
    // None is a whole day.
    to: clock(((begins + lastsFor) % 288) * 5),
    weekdays,
  }))
  .filter(({ from, to, weekdays }) => from !== to || weekdays.length < 7)
  .map((quiet): Quiet => ({ enabled: true, ...quiet }));
const moments = fc
  .integer({ min: Date.UTC(2025, 0, 1) / minute, max: Date.UTC(2028, 0, 1) / minute })
  .map((at) => new Date(at * minute));
/** Moments within some hours of a change of the clocks, where mistakes live. */
const aroundChanges = fc
  .tuple(
    fc.constantFrom(
      Date.UTC(2026, 2, 29, 1),
      Date.UTC(2026, 9, 25, 1),
      Date.UTC(2026, 2, 8, 7),
      Date.UTC(2026, 10, 1, 6),
      Date.UTC(2026, 3, 4, 15),
      Date.UTC(2026, 9, 3, 15),
      Date.UTC(2026, 3, 5, 3),
      Date.UTC(2026, 8, 6, 4),
      Date.UTC(2026, 3, 23, 22),
      Date.UTC(2026, 9, 29, 21),
    ),
    fc.integer({ min: -30 * 60, max: 30 * 60 }),
  )
  .map(([change, offset]) => new Date(change + offset * minute));

describe('quiet hours', () => {
  it('hold back whatever a clock on the wall says is within them, and end outside of them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        quietHours,
        fc.oneof(moments, aroundChanges),
        (zone, quiet, at) => {
          const until = afterQuietHours(at, zone, quiet);
          expect(until.getTime()).toBeGreaterThanOrEqual(at.getTime());
          if (isQuietOnTheWall(at, zone, quiet)) expect(until.getTime()).toBeGreaterThan(at.getTime());
          expect(isQuietOnTheWall(until, zone, quiet)).toBe(false);
          // Asked again at that moment, nothing is held back any more.
          expect(afterQuietHours(until, zone, quiet)).toEqual(until);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('hold back nothing else, but for the hour that clocks show twice', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        quietHours,
        fc.oneof(moments, aroundChanges),
        (zone, quiet, at) => {
          const until = afterQuietHours(at, zone, quiet);
          // In steps, each moment before the end is quiet on the wall, or was an hour ago or will be in an hour.
          for (let time = at.getTime(); time < until.getTime(); time += 15 * minute) {
            const near = [0, -hour, hour, -hour / 2, hour / 2].map((shift) => new Date(time + shift));
            expect(near.some((moment) => isQuietOnTheWall(moment, zone, quiet))).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    // The clocks of Vienna go forward at 02:00 on 29 March 2026, and back at 03:00 on 25 October.
    ['2026-03-28T22:30:00Z', '22:00', '07:00', '2026-03-29T05:00:00Z'],
    ['2026-10-24T21:30:00Z', '22:00', '07:00', '2026-10-25T06:00:00Z'],
    ['2026-03-28T23:30:00Z', '23:00', '02:30', '2026-03-29T01:00:00Z'],
    ['2026-10-24T23:30:00Z', '23:00', '02:30', '2026-10-25T01:30:00Z'],
    ['2026-06-01T12:00:00Z', '22:00', '07:00', '2026-06-01T12:00:00Z'],
  ])('from %s with %s to %s last until %s in Vienna', (at, from, to, until) => {
    const quiet = { enabled: true, from, to, weekdays: [1, 2, 3, 4, 5, 6, 7] };
    expect(afterQuietHours(new Date(at), 'Europe/Vienna', quiet)).toEqual(new Date(until));
  });

  it('begin only on the weekdays that were chosen', () => {
    const quiet = { enabled: true, from: '22:00', to: '07:00', weekdays: [6] };
    const until = (at: string) => afterQuietHours(new Date(at), 'UTC', quiet).toISOString();
    expect(until('2026-06-05T23:00:00Z')).toBe('2026-06-05T23:00:00.000Z');
    expect(until('2026-06-06T23:00:00Z')).toBe('2026-06-07T07:00:00.000Z');
    expect(until('2026-06-07T06:59:00Z')).toBe('2026-06-07T07:00:00.000Z');
  });

  it('go by UTC where there is no zone of the name that is set', () => {
    const quiet = { enabled: true, from: '22:00', to: '07:00', weekdays: [6] };
    const at = new Date('2026-06-06T23:00:00Z');
    expect(afterQuietHours(at, 'Mars/Olympus', quiet)).toEqual(afterQuietHours(at, 'UTC', quiet));
  });
});
