import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Capture, Change } from '../index.js';
import { findPgbench } from '../testing/find-pgbench.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { ReplayedTable } from '../testing/replay-changes.js';

const clients = 8;
const transactionsPerClient = 200;
const transactions = clients * transactionsPerClient;
const tables = [
  { name: 'pgbench_branches', key: 'bid', inserts: 1, updates: transactions },
  { name: 'pgbench_tellers', key: 'tid', inserts: 10, updates: transactions },
  { name: 'pgbench_accounts', key: 'aid', inserts: 100_000, updates: transactions },
  { name: 'pgbench_history', key: undefined, inserts: transactions, updates: 0 },
];

let bench: CaptureBench;
let capture: Capture;

beforeAll(async () => {
  bench = await openCaptureBench();
  capture = await bench.startCapture();
});
afterAll(() => bench.close());

async function runPgbench(...options: string[]): Promise<void> {
  await promisify(execFile)(findPgbench(), [...options, bench.postgresUrl]);
}

/** Every row of the table as JSON, in column order, sorted. */
async function readTable(name: string): Promise<string[]> {
  const rows = await bench.query(`select *${name === 'pgbench_history' ? ', mtime::text' : ''} from ${name}`);
  return rows.map((row) => JSON.stringify(row)).sort();
}

it('holds every change of a standard workload exactly once, so that replaying the changelog rebuilds the tables', async () => {
  await runPgbench('--initialize', '--scale=1', '--quiet');
  await runPgbench(`--client=${clients}`, `--transactions=${transactionsPerClient}`);
  await bench.catchUp(capture);
  for (const { name, key, inserts, updates } of tables) {
    const replayed = new ReplayedTable(key);
    const count: Partial<Record<Change['operation'], number>> = { UPDATE: 0, DELETE: 0 };
    for await (const change of bench.changelog.find({ entity_type: name }).sort({ _id: 1 })) {
      count[change.operation] = (count[change.operation] ?? 0) + 1;
      replayed.apply(change);
    }
    expect({ name, ...count }).toMatchObject({ name, INSERT: inserts, UPDATE: updates, DELETE: 0 });
    expect(replayed.contradictions).toEqual([]);
    // Compared as text: a hundred thousand rows in one assertion.
    expect(replayed.rows().join('\n') === (await readTable(name)).join('\n')).toBe(true);
  }
}, 180_000);

it('orders the documents as the transactions were committed', async () => {
  const ids = new Set<string>();
  let previous = '';
  for await (const { _id, lsn, position } of bench.changelog.find().sort({ _id: 1 })) {
    const [source = '', commit = '', place = ''] = _id.split(':');
    expect(_id > previous).toBe(true);
    previous = _id;
    ids.add(source);
    if (Number.parseInt(place, 16) !== position) throw new Error(`${_id} has the position ${position}`);
    const [high = '', low = ''] = lsn.split('/');
    if (high.padStart(8, '0') + low.padStart(8, '0') !== commit.toUpperCase())
      throw new Error(`${_id} has ${lsn}`);
  }
  expect(ids.size).toBe(1);
});
