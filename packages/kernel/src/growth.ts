import { days } from './duration.js';
import type { Growth, GrowthPattern, StoredPolicy } from './policy.js';
import { maximumLife } from './retention.js';

/** States how a collection grows: bytes per document, and documents per working day of a mid-sized deployment. */
export function growth<Pattern extends GrowthPattern>(
  pattern: Pattern,
  estimate: { documentBytes: number; documentsPerDay: number },
): Growth<Pattern> {
  return { pattern, ...estimate };
}

/** What a collection is expected to hold, and where monitoring starts to warn. */
export interface SizeExpectation {
  /** Documents at the end of a full retention period; after one year where retention is permanent. */
  readonly documents: number;
  readonly bytes: number;
  /** A collection larger than this is reported; half as much again as expected. */
  readonly warnBytes: number;
  /** Expired or expirable documents that are still there: more than a day's worth is a TTL backlog. */
  readonly warnBacklogDocuments: number;
}

/** Derives size expectations from a policy's growth estimate and retention. */
export function expectSize({
  growth,
  retention,
}: Pick<StoredPolicy, 'growth' | 'retention'>): SizeExpectation {
  const periodDays = (maximumLife(retention) ?? days(365)) / days(1);
  const documents = Math.ceil(growth.documentsPerDay * periodDays);
  const bytes = documents * growth.documentBytes;
  return {
    documents,
    bytes,
    warnBytes: Math.ceil(bytes * 1.5),
    warnBacklogDocuments: growth.documentsPerDay,
  };
}
