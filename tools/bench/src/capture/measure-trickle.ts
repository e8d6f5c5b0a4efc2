import { setTimeout as delay } from 'node:timers/promises';
import type { BenchDatabases } from './bench-databases.js';
import { runContender, type ContenderCommand } from './run-contender.js';
import { prepareTables } from './workloads.js';

const intervalMilliseconds = 20;

/** Milliseconds from a commit until its row is stored: half of all rows are faster, and all but one in a hundred. */
export interface Latency {
  p50: number;
  p99: number;
}

/** Commits 50 rows a second, one by one, and answers how long after each it was stored; leaves its slot. */
export async function measureTrickle(
  databases: BenchDatabases,
  contender: string,
  command: ContenderCommand,
  rows: number,
): Promise<Latency> {
  const { pool } = databases.postgres;
  await prepareTables(databases.postgres, { name: 'trickle', tables: 1, operation: 'insert' }, 0);
  await databases.prepareSlots([contender]);
  const committedAt = new Map<string, bigint>();
  const storedAt = new Map<string, bigint>();
  const insert = async (id: number) => {
    await pool.query(
      `insert into bench_inspections_0 values ($1, 1, 'passed', 1.25, now(), 'No defects were found on the supports')`,
      [id],
    );
    committedAt.set(String(id), process.hrtime.bigint());
  };
  const environment = await databases.prepareFor(contender);
  // What starts slowly is waited for, with rows that don't count.
  let probes = 0;
  const trickle = async (signal: AbortSignal) => {
    for (; storedAt.size === 0 && !signal.aborted; await delay(100)) await insert((probes -= 1));
    for (let row = 0; row < rows && !signal.aborted; row += 1) {
      await insert(row);
      await delay(intervalMilliseconds);
    }
  };
  await runContender(command, {
    environment: { ...environment, TRICKLE: '1' },
    marks: [Number.MAX_SAFE_INTEGER],
    onStarted: trickle,
    onLine: (line) => {
      const [word, id, at] = line.split(' ') as [string, string, string];
      if (word === 'stored') storedAt.set(id, BigInt(at));
      return word === 'stored' && id === String(rows - 1);
    },
  });
  return describeLatency(rows, committedAt, storedAt);
}

/** Milliseconds that an insert takes by itself, as often as rows trickle. */
export async function measureBareWrite(
  databases: BenchDatabases,
  command: ContenderCommand,
  rows: number,
): Promise<Latency> {
  const sentAt = new Map<string, bigint>();
  const storedAt = new Map<string, bigint>();
  await runContender(command, {
    environment: {
      ...(await databases.prepareFor('bare write')),
      ROWS: String(rows),
      INTERVAL: String(intervalMilliseconds),
    },
    marks: [Number.MAX_SAFE_INTEGER],
    onLine: (line) => {
      const [word, id, at] = line.split(' ') as [string, string, string];
      (word === 'sent' ? sentAt : storedAt).set(id, BigInt(at));
      return word === 'stored' && id === String(rows - 1);
    },
  });
  return describeLatency(rows, sentAt, storedAt);
}

function describeLatency(
  rows: number,
  from: ReadonlyMap<string, bigint>,
  until: ReadonlyMap<string, bigint>,
): Latency {
  const milliseconds = Array.from({ length: rows }, (_, row) => String(row))
    .map((id) => Number((until.get(id) as bigint) - (from.get(id) as bigint)) / 1e6)
    .sort((left, right) => left - right);
  const at = (share: number) => milliseconds[Math.ceil(share * rows) - 1] as number;
  return { p50: at(0.5), p99: at(0.99) };
}
