import type { Models } from '@infratraq/mongo';
import type { Finding } from './findings.js';
import { readRecordedRoots } from './record-seal.js';
import type { SealKeeper, SealPublisher } from './seal-ports.js';

/** Where traces of a seal may be that is kept no more. */
export interface SealTraces {
  readonly models: Models;
  readonly keeper: Pick<SealKeeper, 'list' | 'readHead'>;
  readonly publisher?: SealPublisher | undefined;
}

/**
 * Finds seals that were removed after the last remaining one; the newest changes would vanish unseen with them. Each
 * trace reveals a seal by itself: its file, its record in `archive_manifest`, and the head.
 */
export async function findRemovedSeals(
  { models, keeper, publisher }: SealTraces,
  last: number,
  limit: number,
): Promise<{ findings: Finding[]; next: number | null }> {
  const end = last + limit;
  const made = (await keeper.readHead())?.sequence ?? 0;
  const recorded = [...(await readRecordedRoots(models, { after: last, limit: limit + 1 })).keys()];
  const published = (await publisher?.listAfter(last, limit + 1)) ?? [];
  // Last, for a seal is kept before anything tells of it: what was made meanwhile is here by now.
  const kept = new Set((await keeper.list(last, limit)).map(({ sequence }) => sequence));
  const findings: Finding[] = [];
  // Counted by steps: beyond 2^53, a sequence plus 1 is the same again, and would never come to an end.
  for (let step = 1; step <= limit; step += 1) {
    const sequence = last + step;
    const traces = [
      published.includes(sequence) && 'its file is there',
      recorded.includes(sequence) && 'archive_manifest records it',
      sequence <= made && `PostgreSQL has counted up to ${made}`,
    ].filter((trace) => trace !== false);
    if (traces.length > 0 && !kept.has(sequence))
      findings.push({
        kind: 'seal:removed',
        sequence,
        detail: `it was made and is kept no more: ${traces.join(', ')}`,
      });
  }
  const isMore = [made, ...recorded, ...published].some((sequence) => sequence > end);
  return { findings, next: isMore ? end : null };
}
