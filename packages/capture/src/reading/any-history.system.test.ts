import { afterAll, beforeAll, it } from '@jest/globals';
import {
  checkEveryType,
  checkHistories,
  openPropertyBench,
  type PropertyBench,
} from '../testing/properties/capture-properties.js';

const everyTypeRuns = 15;
const historyRuns = 90;

let bench: PropertyBench;

beforeAll(async () => {
  bench = await openPropertyBench();
});
afterAll(() => bench.close());

it(
  'brings many values of every type back into PostgreSQL as they were',
  () => checkEveryType(bench, { runs: everyTypeRuns }),
  120_000,
);

it(
  'rebuilds any tables from the changes of many transactions',
  () => checkHistories(bench, { runs: historyRuns }),
  120_000,
);
