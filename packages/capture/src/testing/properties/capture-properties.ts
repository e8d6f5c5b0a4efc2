import { expect } from '@jest/globals';
import fc from 'fast-check';
import { openCaptureBench } from '../open-capture-bench.js';
import { openHistoryChecker } from './check-history.js';
import { anyHistory, type History, type RowTexts, type TableModel } from './histories.js';
import { everyType } from './structured-values.js';

/** Everything that properties of capture need: one capture for all runs. */
export async function openPropertyBench() {
  const bench = await openCaptureBench();
  const capture = await bench.startCapture();
  const checker = await openHistoryChecker(bench, capture);
  return {
    check: checker.check,
    async close(): Promise<void> {
      await checker.close();
      await bench.close();
    },
  };
}

export type PropertyBench = Awaited<ReturnType<typeof openPropertyBench>>;

interface RunOptions {
  /** How many random cases; the seed of a failure is in its message. */
  runs: number;
}

/** Any history is rebuilt from its documents. */
export function checkHistories(bench: PropertyBench, { runs }: RunOptions): Promise<void> {
  return fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      expect(await bench.check(history)).toEqual([]);
    }),
    { numRuns: runs },
  );
}

const tableOfEveryType: TableModel = {
  name: 'every type',
  keyColumns: [],
  columns: everyType.map((type, index) => ({ name: `c${index}`, type })),
  identity: 'full',
  generated: false,
};

/** Rows with a value of each type come back as they were. */
export function checkEveryType(bench: PropertyBench, { runs }: RunOptions): Promise<void> {
  const row = fc.tuple(...everyType.map(({ value }) => value));
  return fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows: RowTexts[]) => {
      const history: History = {
        tables: [tableOfEveryType],
        initialRows: [rows],
        sessions: [],
      };
      expect(await bench.check(history)).toEqual([]);
    }),
    { numRuns: runs },
  );
}
