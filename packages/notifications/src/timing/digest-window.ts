import type { RecipientPreferences } from '@infratraq/kernel';
import { atClockTime, dateOf, inZone, knownZone } from './local-time.js';

type Digest = RecipientPreferences['digest'];

/** When the digest goes out that collects a notification of this moment; undefined for recipients without digests. */
export function digestDueAt(at: Date, timeZone: string, digest: Digest): Date | undefined {
  if (digest.frequency === 'off') return undefined;
  const zone = knownZone(timeZone);
  if (digest.frequency === 'hourly') return nextFullHour(at, zone);
  const today = inZone(at, zone).toPlainDate();
  // Ten days, because a zone that crosses the date line skips a day.
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
  // When clocks go back by half an hour, the same full hour comes again.
  while (next.epochMilliseconds <= at.getTime()) next = next.add({ hours: 1 });
  return dateOf(next);
}
