import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { checkHistories } from '../testing/oracle/check-histories.js';
import { schemaAlterations, tableAlterations } from '../testing/oracle/histories.js';
import { mostUnknown, reportUnknown } from '../testing/oracle/unknown-share.js';
import { openOracle, type Oracle } from '../testing/oracle/open-oracle.js';

const limitMilliseconds = 1_200_000;

let oracle: Oracle;
beforeAll(async () => {
  oracle = await openOracle();
});
afterAll(() => oracle.close());

it(
  'says of 500 histories what PostgreSQL said, and seldom that it does not know',
  async () => {
    const checked = await checkHistories(oracle, { runs: 500, mostMilliseconds: limitMilliseconds });
    expect(reportUnknown(checked)).toBeLessThan(mostUnknown);
    const untried = [...tableAlterations, ...schemaAlterations].filter((kind) => !checked.kinds.has(kind));
    expect(untried).toEqual([]);
  },
  limitMilliseconds + 60_000,
);
