import fc from 'fast-check';
import { anyHistory, type HistoryKinds } from './histories.js';
import type { JudgedHistory, Oracle } from './open-oracle.js';

/** How many answers did not know, of histories whose steps left no gap. */
export interface CheckedHistories {
  readonly histories: number;
  readonly asked: number;
  readonly unknownShare: number;
  /** The same over all histories. */
  readonly unknownShareWithGaps: number;
}

export interface CheckOptions {
  readonly runs: number;
  /** Of a failure that is to be seen again. */
  readonly seed?: number | undefined;
}

/**
 * Plays random histories, and compares every answer of the trail with what PostgreSQL said.
 *
 * A failure is shrunk; its message has the seed and the history as SQL.
 */
export async function checkHistories(
  oracle: Oracle,
  kinds: HistoryKinds,
  { runs, seed }: CheckOptions,
): Promise<CheckedHistories> {
  const [clean, gapped] = [
    { asked: 0, unknown: 0 },
    { asked: 0, unknown: 0 },
  ];
  let histories = 0;
  const property = fc.asyncProperty(anyHistory(kinds), async (design) => {
    const t = Date.now();
    const judged = await oracle.judge(design);
    if (process.env['VERBOSE'])
      process.stdout.write(
        `${Date.now() - t} ms ${judged.asked} ${judged.unknown.length} ${judged.wrong.length} ${judged.gapsBy}\n`,
      );
    if (process.env['SHOW'] && judged.gapsBy.length === 0 && judged.unknown.length > 0) process.stdout.write([...judged.unknown, ...judged.sql, ...await oracle.listRecorded(judged.prefix)].join('\n').slice(0, 6000) + '\n\n');
    if (judged.wrong.length > 0) throw new Error(describe(judged));
    const count = judged.gapsBy.length > 0 ? gapped : clean;
    histories += 1;
    count.asked += judged.asked;
    count.unknown += judged.unknown.length;
  });
  await fc.assert(property, {
    numRuns: runs,
    endOnFailure: process.env['NOSHRINK'] === '1',
    ...(seed !== undefined && { seed, ...(process.env['FPATH'] && { path: process.env['FPATH'] }) }),
  });
  return {
    histories,
    asked: clean.asked + gapped.asked,
    unknownShare: clean.unknown / Math.max(clean.asked, 1),
    unknownShareWithGaps: (clean.unknown + gapped.unknown) / Math.max(clean.asked + gapped.asked, 1),
  };
}

function describe({ wrong, sql, recorded }: JudgedHistory): string {
  return ['What the trail says is not what was:', ...wrong, '', ...sql, '', ...recorded].join('\n');
}
