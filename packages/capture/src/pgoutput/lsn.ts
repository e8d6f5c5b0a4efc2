/** Writes a log position as PostgreSQL does: `16/B374D848`. */
export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffff_ffffn).toString(16).toUpperCase()}`;
}

/** Reads a log position as PostgreSQL writes it. */
export function parseLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

const microsecondsTo2000 = 946_684_800_000_000n;

/** Turns PostgreSQL's microseconds since 2000 into a Date (milliseconds; the rest is cut off). */
export function toDate(microsecondsSince2000: bigint): Date {
  return new Date(Number((microsecondsSince2000 + microsecondsTo2000) / 1000n));
}
