import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { readDeliveryStatus } from './delivery-status.js';
import { readFeedbackReport } from './feedback-report.js';

/** Which report it should be, and when it came. */
export interface ReadReportParameters {
  readonly kind: 'delivery-status' | 'feedback';
  readonly now: Date;
}

/** Reads a report in a process of its own. */
export default async function readReport(input: Readable, { kind, now }: ReadReportParameters) {
  const raw = await buffer(input);
  const read = kind === 'feedback' ? readFeedbackReport : readDeliveryStatus;
  return { value: await read(raw, now), contents: [] };
}
