import { Temporal } from 'temporal-polyfill';

/** A clock time as recipients set it (`HH:MM`). */
export type ClockTime = string;

/** The zone itself, or UTC for an unknown name: one recipient's setting must not hold up the others. */
export function knownZone(timeZone: string): string {
  try {
    return inZone(new Date(0), timeZone).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return 'UTC';
    throw error;
  }
}

/** A point in time in a time zone. */
export function inZone(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

/**
 * The moment of a clock time on a date. Of a time that occurs twice, `which` chooses one; a time that is skipped is the
 * moment at which clocks are put forward.
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
