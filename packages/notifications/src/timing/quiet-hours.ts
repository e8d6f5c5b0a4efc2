import type { RecipientPreferences } from '@infratraq/kernel';
import { atClockTime, inZone, knownZone } from './local-time.js';

type QuietHours = RecipientPreferences['quiet_hours'];

// More periods than follow on one another without a gap: seven in a week, unless they never end.
const periodsToFollow = 16;

/**
 * The end of the recipient's quiet hours at `at`, or `at` itself outside of them. Quiet hours that end at the time at which
 * they begin last a whole day. When clocks go back, quiet hours that
 * end within the repeated hour end the second time.
 */
export function afterQuietHours(at: Date, timeZone: string, quiet: QuietHours): Date {
  // Most recipients have none; this path reads no clock.
  if (!quiet.enabled) return at;
  const zone = knownZone(timeZone);
  let moment = at;
  for (let period = 0; period < periodsToFollow; period += 1) {
    const end = endOfQuiet(moment, zone, quiet);
    if (end === undefined) return moment;
    moment = end;
  }
  return moment;
}

function endOfQuiet(at: Date, timeZone: string, { from, to, weekdays }: QuietHours): Date | undefined {
  const today = inZone(at, timeZone).toPlainDate();
  // Two days back, because a zone that crosses the date line skips a day.
  for (const daysBack of [0, 1, 2]) {
    const begins = today.subtract({ days: daysBack });
    if (!weekdays.includes(begins.dayOfWeek)) continue;
    const start = atClockTime(begins, from, timeZone, 'earlier');
    const end = atClockTime(to > from ? begins : begins.add({ days: 1 }), to, timeZone, 'later');
    if (start <= at && at < end) return end;
  }
  return undefined;
}
