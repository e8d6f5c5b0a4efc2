import type { RecipientPreferences } from '@infratraq/kernel';
import { atClockTime, dateOf, inZone, knownZone } from './local-time.js';

type Digest = RecipientPreferences['digest'];

/** When the digest that a notification of this moment belongs to goes out; undefined for those who take none. */
export function digestDueAt(at: Date, timeZone: string, digest: Digest): Date | undefined {
  if (digest.frequency === 'off') return undefined;
  const zone = knownZone(timeZone);
  if (digest.frequency === 'hourly') return nextFullHour(at, zone);
  const today = inZone(at, zone).toPlainDate();
  // Ten days hold a weekly digest even in a week from which a zone leaves a day out.
  for (let ahead = 0; ahead <= 10; ahead += 1) {
    const day = today.add({ days: ahead });
    if (digest.frequency === 'weekly' && day.dayOfWeek !== digest.weekday) continue;
    const due = atClockTime(day, digest.at, zone, 'earlier');
    if (due > at) return due;
  }
  return undefined;
}

function nextFullHour(at: Date, timeZone: string): Date {
  const zoned = inZone(at, timeZone);
  let next = zoned.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 });
  // Half an hour that clocks go back brings the same full hour once more.
  while (next.epochMilliseconds <= at.getTime()) next = next.add({ hours: 1 });
  return dateOf(next);
}
