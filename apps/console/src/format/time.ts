const spans: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** How long ago an instant was, in its largest whole unit: `3 hours ago`. */
export function formatAgo(instant: string, now: number = Date.now()): string {
  const seconds = (now - Date.parse(instant)) / 1000;
  const span = spans.find(([length]) => seconds >= length);
  return span ? relative.format(-Math.floor(seconds / span[0]), span[1]) : 'just now';
}

/** An instant in the reader's time zone, to the second. */
export function formatInstant(instant: string): string {
  return absolute.format(new Date(instant));
}

/** A whole number of seconds as a retention reads: 7776000 is `90 d`, a year has 365 days. */
export function formatSeconds(seconds: number): string {
  if (seconds > 0 && seconds % 31_536_000 === 0) return `${seconds / 31_536_000} y`;
  if (seconds > 0 && seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds > 0 && seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return `${seconds} s`;
}
