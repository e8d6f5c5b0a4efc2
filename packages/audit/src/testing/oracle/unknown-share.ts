import type { CheckedHistories } from './check-histories.js';

/** Most answers that may say that they don't know, where no step left a gap. */
export const mostUnknown = 0.05;

/** Prints what was asked, and answers which share of it is unknown although no step left a gap. */
export function reportUnknown(checked: CheckedHistories): number {
  const { histories, asked, unknown, askedWithoutGap, unknownWithoutGap } = checked;
  const share = unknownWithoutGap / askedWithoutGap;
  process.stdout.write(
    `${histories} histories, ${asked} answers, ${unknown} of them unknown; where no step left a gap, ${unknownWithoutGap} of ${askedWithoutGap} (${(100 * share).toFixed(1)} %)\n`,
  );
  return share;
}
