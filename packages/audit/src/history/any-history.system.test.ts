import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { checkHistories } from '../testing/oracle/check-histories.js';
import { schemaAlterations, tableAlterations } from '../testing/oracle/histories.js';
import { openOracle, type Oracle } from '../testing/oracle/open-oracle.js';

const limitMilliseconds = 1_200_000;
const mostUnknown = 0.05;

let oracle: Oracle;
beforeAll(async () => {
  oracle = await openOracle();
});
afterAll(() => oracle.close());

it(
  'says of 500 histories what PostgreSQL said, and seldom that it does not know',
  async () => {
    const checked = await checkHistories(oracle, { runs: 500, mostMilliseconds: limitMilliseconds });
    const { kinds, ...count } = checked;
    const share = count.unknownWithoutGap / count.askedWithoutGap;
    process.stdout.write(
      `${count.histories} histories, ${count.asked} answers, ${count.unknown} of them unknown; where no step left a gap, ${count.askedWithoutGap} and ${count.unknownWithoutGap} (${(100 * share).toFixed(1)} %)\n`,
    );
    expect(share).toBeLessThan(mostUnknown);
    const untried = [...tableAlterations, ...schemaAlterations].filter((kind) => !kinds.has(kind));
    expect(untried).toEqual([]);
  },
  limitMilliseconds + 60_000,
);
