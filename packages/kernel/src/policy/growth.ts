import { days } from './duration.js';
import type { Growth, GrowthPattern, StoredPolicy } from './policy.js';
import { maximumLife } from './retention.js';

interface Pace {
  readonly documents: number;
  readonly bytes: number;
}

/** A pattern is left behind by more documents a day than this, or by more bytes. */
const fastest: Readonly<Record<GrowthPattern, Pace>> = {
  low: { documents: 1_000, bytes: 10_000_000 },
  moderate: { documents: 50_000, bytes: 1_000_000_000 },
  high: { documents: Infinity, bytes: Infinity },
};

/** A pattern is not reached by fewer documents a day than this and fewer bytes. Neighbours overlap: estimates vary. */
const slowest: Readonly<Record<GrowthPattern, Pace>> = {
  low: { documents: 0, bytes: 0 },
  moderate: { documents: 100, bytes: 1_000_000 },
  high: { documents: 10_000, bytes: 100_000_000 },
};

/**
 * States how a collection grows: bytes per document, and documents per working day of a mid-sized deployment.
 * `low` is at most 1,000 documents or 10 MB a day, `moderate` at most 50,000 documents or 1 GB, `high` at least
 * 10,000 documents or 100 MB; `defineStore` rejects a pattern that contradicts its numbers.
 */
export function growth<Pattern extends GrowthPattern>(
  pattern: Pattern,
  estimate: { documentBytes: number; documentsPerDay: number },
): Growth<Pattern> {
  return { pattern, ...estimate };
}

/** Says how a pattern contradicts its numbers, or undefined when it agrees with them. */
export function growthFault({ pattern, documentBytes, documentsPerDay }: Growth): string | undefined {
  const bytesPerDay = documentBytes * documentsPerDay;
  const { [pattern]: most } = fastest;
  const { [pattern]: least } = slowest;
  const stated = `${count(documentsPerDay)} documents and ${count(bytesPerDay)} bytes`;
  if (documentsPerDay > most.documents || bytesPerDay > most.bytes)
    return `${pattern} growth is at most ${count(most.documents)} documents and ${count(most.bytes)} bytes a day, not ${stated}`;
  if (documentsPerDay < least.documents && bytesPerDay < least.bytes)
    return `${pattern} growth is at least ${count(least.documents)} documents or ${count(least.bytes)} bytes a day, not ${stated}`;
  return undefined;
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

function count(amount: number): string {
  return amount.toLocaleString('en-GB');
}
