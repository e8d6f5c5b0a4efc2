/** A length of time in seconds, as MongoDB's `expireAfterSeconds` takes it. */
export type Seconds = number;

/** So many hours, in seconds. */
export const hours = (count: number): Seconds => count * 3_600;
/** So many days, in seconds. */
export const days = (count: number): Seconds => count * 86_400;
/** So many years of 365 days, in seconds. */
export const years = (count: number): Seconds => days(365) * count;

const units: readonly [Seconds, string][] = [
  [years(1), 'y'],
  [days(1), 'd'],
  [hours(1), 'h'],
  [60, 'min'],
  [1, 's'],
];

/** Writes a duration in the largest unit that divides it: `2 y`, `90 d`, `1 h`; a day stays `24 h`. */
export function formatDuration(seconds: Seconds): string {
  if (seconds === days(1)) return '24 h';
  const [size, unit] = units.find(([size]) => seconds % size === 0) ?? [1, 's'];
  return `${seconds / size} ${unit}`;
}
