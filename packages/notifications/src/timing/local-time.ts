import { Temporal } from 'temporal-polyfill';

/** A clock time as recipients set it (`HH:MM`). */
export type ClockTime = string;

/** The zone itself, or UTC where there is none of that name: one recipient's setting must not hold up the others. */
export function knownZone(timeZone: string): string {
  try {
    return inZone(new Date(0), timeZone).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return 'UTC';
    throw error;
  }
}

/** A point in time as clocks on the wall of a zone show it. */
export function inZone(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

/**
 * When clocks of a zone show a time on a date. A time that they show twice is the `which` of both; one that they skip
 * is the moment at which they are put forward.
 */
export function atClockTime(
  date: Temporal.PlainDate,
  time: ClockTime,
  timeZone: string,
  which: 'earlier' | 'later',
): Date {
  const wanted = date.toPlainDateTime(Temporal.PlainTime.from(time));
  const found = wanted.toZonedDateTime(timeZone, { disambiguation: which });
  if (found.toPlainDateTime().equals(wanted)) return dateOf(found);
  const before = wanted.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  return dateOf(before.getTimeZoneTransition('next') ?? found);
}

/** The same moment as a `Date`. */
export function dateOf(zoned: Temporal.ZonedDateTime): Date {
  return new Date(zoned.epochMilliseconds);
}
