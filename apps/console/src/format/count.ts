const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

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
