import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createFaultTables, findDifferences, noDifferences, startFaultLoad } from './fault-load.js';
import { openCaptureBench, type CaptureBench } from './open-capture-bench.js';

let bench: CaptureBench;

beforeEach(async () => {
  bench = await openCaptureBench();
  await createFaultTables(bench.postgres.pool);
});
afterEach(() => bench.close());

it('finds one change that is missing and one that came twice among those of the load', async () => {
  const capture = await bench.startCapture();
  const load = startFaultLoad(bench.postgresUrl);
  await load.progress(40);
  await load.stop();
  // What a TRUNCATE at the end has emptied would not show what was lost before.
  await bench.query('insert into marks values (1)');
  await bench.catchUp(capture);
  const changes = await bench.readChanges();
  const compare = (some: typeof changes) => findDifferences(bench.postgres.pool, some);
  expect(await compare(changes)).toEqual(noDifferences);
  for (const type of ['counters', 'entries', 'marks']) {
    const last = changes.findLastIndex(
      ({ entity_type, operation }) => entity_type === type && operation !== 'TRUNCATE',
    );
    expect(await compare(changes.toSpliced(last, 1))).toMatchObject({ differing: [type] });
    expect(await compare(changes.toSpliced(last, 0, changes[last]!))).not.toEqual(noDifferences);
  }
});
