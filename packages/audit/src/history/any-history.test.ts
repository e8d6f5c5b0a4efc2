import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { checkHistories } from '../testing/oracle/check-histories.js';
import { everyKind } from '../testing/oracle/histories.js';
import { openOracle, type Oracle } from '../testing/oracle/open-oracle.js';

let oracle: Oracle;
beforeAll(async () => {
  oracle = await openOracle();
});
afterAll(() => oracle.close());

it('rows as of any time, histories and plans are what PostgreSQL said, or unknown', async () => {
  const checked = await checkHistories(oracle, everyKind, {
    runs: Number(process.env['RUNS'] ?? 15),
    ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }),
  });
  process.stdout.write(`${JSON.stringify(checked)}\n`);
  expect(checked.asked).toBeGreaterThan(100);
});
