import { afterAll, beforeAll, it } from '@jest/globals';
import {
  checkEveryType,
  checkHistories,
  openPropertyBench,
  type PropertyBench,
} from '../testing/properties/capture-properties.js';

let bench: PropertyBench;

beforeAll(async () => {
  bench = await openPropertyBench();
});
afterAll(() => bench.close());

it('brings values of every type back into PostgreSQL as they were', () => checkEveryType(bench, { runs: 3 }));

it('rebuilds any tables from the changes of any transactions', () => checkHistories(bench, { runs: 25 }));
