import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { checkHistories } from '../testing/oracle/check-histories.js';
import { mostUnknown, reportUnknown } from '../testing/oracle/unknown-share.js';
import { openOracle, type Oracle } from '../testing/oracle/open-oracle.js';

let oracle: Oracle;
beforeAll(async () => {
  oracle = await openOracle();
});
afterAll(() => oracle.close());

it('says of rows and of alterations in any order what PostgreSQL said, or that it does not know', async () => {
  const checked = await checkHistories(oracle, { runs: 20, mostMilliseconds: 150_000, seed: 5 });
  expect(checked.asked).toBeGreaterThan(100);
  expect(reportUnknown(checked)).toBeLessThan(mostUnknown);
});
