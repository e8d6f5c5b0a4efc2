import fc from 'fast-check';
import { anyHistory } from './histories.js';
import type { JudgedHistory, Oracle } from './open-oracle.js';

/** How many answers there were, and how many did not know. */
export interface CheckedHistories {
  readonly histories: number;
  readonly asked: number;
  readonly unknown: number;
  /** Of the histories whose steps leave no gap in what is known. */
  readonly askedWithoutGap: number;
  readonly unknownWithoutGap: number;
  /** How often each kind of step was taken. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** How many histories, and how long they may take. */
export interface CheckOptions {
  readonly runs: number;
  readonly mostMilliseconds: number;
  readonly seed?: number;
}

/**
 * Plays random histories, and compares every answer of the trail with what PostgreSQL said.
 *
 * A history that is answered wrongly is made as short as can be; the message has the seed, the history as SQL, and what
 * was recorded. `HISTORY_SEED` and `HISTORY_PATH` of such a message bring it back; `HISTORY_RUNS` is how many to play.
 */
export async function checkHistories(oracle: Oracle, options: CheckOptions): Promise<CheckedHistories> {
  const { HISTORY_SEED, HISTORY_PATH, HISTORY_RUNS } = process.env;
  const count = { histories: 0, asked: 0, unknown: 0, askedWithoutGap: 0, unknownWithoutGap: 0 };
  const kinds = new Map<string, number>();
  const property = fc.asyncProperty(anyHistory, async (design) => {
    const judged = await oracle.judge(design);
    if (judged.wrong.length > 0) throw new Error(describe(judged));
    const { asked, unknown, gapsBy } = judged;
    count.histories += 1;
    count.asked += asked;
    count.unknown += unknown.length;
    if (gapsBy.length === 0) {
      count.askedWithoutGap += asked;
      count.unknownWithoutGap += unknown.length;
    }
    for (const kind of judged.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  });
  const seed = HISTORY_SEED === undefined ? options.seed : Number(HISTORY_SEED);
  await fc.assert(property, {
    numRuns: HISTORY_RUNS === undefined ? options.runs : Number(HISTORY_RUNS),
    interruptAfterTimeLimit: options.mostMilliseconds,
    markInterruptAsFailure: true,
    ...(seed !== undefined && { seed }),
    ...(HISTORY_PATH !== undefined && { path: HISTORY_PATH }),
  });
  return { ...count, kinds };
}

function describe({ wrong, sql, recorded }: JudgedHistory): string {
  return ['What the trail says is not what was:', ...wrong, '', ...sql, '', ...recorded].join('\n');
}
