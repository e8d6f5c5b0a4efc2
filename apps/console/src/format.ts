const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const spans: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

/** Bytes in decimal units and three significant digits: 1536 is `1.54 kB`. */
export function formatBytes(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const exact = bytes / 1000 ** exponent;
  const scaled = exact >= 1000 ? Math.round(exact) : Number(exact.toPrecision(3));
  // Rounding can reach the next unit: 999,999 bytes are 1 MB, not 1000 kB.
  return scaled >= 1000 && exponent < units.length - 1
    ? `${scaled / 1000} ${units[exponent + 1]}`
    : `${scaled} ${units[exponent]}`;
}

/** A measured or estimated size: `≈ 1.54 kB`. */
export function formatSize({ size_bytes, size_is_estimated }: Size): string {
  return size_is_estimated && size_bytes > 0 ? `≈ ${formatBytes(size_bytes)}` : formatBytes(size_bytes);
}

/** Bytes, and whether the engine reports no sizes, so that they are an estimate. */
export interface Size {
  readonly size_bytes: number;
  readonly size_is_estimated: boolean;
}

/** A number of things with its thousands grouped: `12,408`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** A number of things where room is short: `12.4K`. */
export function formatShortCount(count: number): string {
  return short.format(count);
}

/** A change with its sign, a true minus included: `+14`, `−3`. */
export function formatChange(change: number): string {
  return change < 0 ? `−${whole.format(-change)}` : `+${whole.format(change)}`;
}

/** Events per second: one decimal below 100, none above. */
export function formatRate(perSecond: number): string {
  return perSecond >= 100 ? whole.format(perSecond) : String(Number(perSecond.toFixed(1)));
}

/** How far a collection has filled the size that its policy expects; the share is in percent, at most 100. */
export function measureFullness(sizes: {
  readonly size_bytes: number;
  readonly expected_bytes: number;
  readonly warn_bytes: number;
}): { percent: number; overWarning: boolean } {
  const share = sizes.expected_bytes > 0 ? sizes.size_bytes / sizes.expected_bytes : 0;
  // To the hundredth: browsers take no number with an exponent for a progress bar.
  const percent = Math.min(100, Math.round(share * 10_000) / 100);
  return { percent, overWarning: sizes.size_bytes > sizes.warn_bytes };
}

/** A category's name as a heading: `audit` is `Audit`; two letters are an abbreviation: `ai` is `AI`. */
export function formatCategory(name: string): string {
  return name.length <= 2 ? name.toUpperCase() : name.charAt(0).toUpperCase() + name.slice(1);
}

/** A lifecycle state: `ttl_expiring` is `TTL expiring`. */
export function formatState(state: string): string {
  return state === 'ttl_expiring' ? 'TTL expiring' : formatCategory(state);
}

/** An index's key in one line: `entity_type ↑, changed_at ↓, body text`. */
export function formatIndexKey(key: Readonly<Record<string, number | string>>): string {
  return Object.entries(key)
    .map(([field, order]) => `${field} ${order === 1 ? '↑' : order === -1 ? '↓' : order}`)
    .join(', ');
}

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

/** A whole number of seconds as a retention reads: 7776000 is `90 d`; a year has 365 days. */
export function formatSeconds(seconds: number): string {
  if (seconds > 0 && seconds % 31_536_000 === 0) return `${seconds / 31_536_000} y`;
  if (seconds > 0 && seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds > 0 && seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return `${seconds} s`;
}

/** A column's value in one line; text stands as it is. */
export function formatValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** An instant as an input of local date and time takes it, to the second; empty for what is none. */
export function toLocalInput(instant: string): string {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
