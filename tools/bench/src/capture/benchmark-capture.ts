import { holdToLimit, compareWithPeer, type Benchmark, type Measurement } from '../measurement.js';
import { openBenchDatabases, type BenchDatabases } from './bench-databases.js';
import { provideContenders, type Contenders } from './contenders.js';
import { measureBareWrite, measureTrickle } from './measure-trickle.js';
import { compareRates, compareWithDebezium, rateOf, type Results } from './compare-contenders.js';
import { runContender, type ContenderCommand, type Stretch } from './run-contender.js';
import { prepareTables, runWorkload, type Workload } from './workloads.js';

const isFull = process.argv.includes('--full');
/** Rows until a contender counts as warm, and after that; the second part in a full run only. */
const coldRows = Number(process.env['BENCH_ROWS'] ?? 200_000);
const marks = isFull ? [coldRows, 4 * coldRows] : [coldRows];
const rows = marks.at(-1) as number;
const trickleRows = isFull ? 1_500 : 500;
const parts = (process.env['BENCH_PARTS'] ?? 'insert,update,tables,trickle').split(',');

/**
 * Change capture, end to end until stored, against the driver alone, the least that one would write oneself, and the
 * Debezium embedded engine. `--full` also measures each warm over 600,000 rows, and Debezium with a small heap.
 */
export const benchmarkCapture: Benchmark = async (report) => {
  const contenders = await provideContenders(report);
  await using databases = await openBenchDatabases();
  const measurements: Measurement[] = [];
  let oneTable: Results | undefined;
  for (const operation of ['insert', 'update'] as const) {
    if (!parts.includes(operation)) continue;
    const workload = { name: operation, operation, tables: 1 };
    const results = await measureWorkload(databases, workload, listContenders(contenders), report);
    oneTable ??= results;
    measurements.push(
      ...compareRates(workload.name, results),
      ...compareWithDebezium(workload.name, results),
    );
  }
  if (parts.includes('tables')) {
    const ours = { ours: contenders.program('ours') };
    const one = { name: 'insert', operation: 'insert', tables: 1 } as const;
    oneTable ??= await measureWorkload(databases, one, ours, report);
    const spread = await measureWorkload(databases, { ...one, name: 'tables', tables: 398 }, ours, report);
    measurements.push(
      compareWithPeer(
        'capture tables',
        'rows/s over 398 tables beside one',
        { ours: rateOf(spread['ours']![0]!), peer: rateOf(oneTable['ours']![0]!) },
        { atLeast: 0.95 },
      ),
      holdToLimit('capture tables', 'peak memory, MB', spread['ours']![0]!.peakMegabytes, 120),
    );
  }
  if (parts.includes('trickle')) measurements.push(...(await measureLatency(databases, contenders, report)));
  return measurements;
};

function listContenders({ program, debezium }: Contenders): Record<string, ContenderCommand> {
  return {
    ours: program('ours'),
    'raw insertMany': program('raw-insert'),
    'minimal loop': program('minimal-loop'),
    ...(debezium && { Debezium: debezium() }),
    ...(debezium && isFull && { 'Debezium -Xmx256m': debezium('-Xmx256m') }),
  };
}

/** Commits the work once and has each contender store it, one after the other. */
async function measureWorkload(
  databases: BenchDatabases,
  workload: Workload,
  commands: Record<string, ContenderCommand>,
  report: (line: string) => void,
): Promise<Results> {
  report(`${workload.name}: committing ${rows} rows`);
  await prepareTables(databases.postgres, workload, rows);
  const readers = Object.keys(commands).filter((name) => name !== 'raw insertMany');
  await databases.prepareSlots(readers);
  await runWorkload(databases.postgres, workload, rows);
  const results: Results = {};
  for (const [name, command] of Object.entries(commands)) {
    const environment = await databases.prepareFor(name);
    const stretches = await runContender(command, {
      environment: { ...environment, ROWS: String(rows) },
      marks,
    });
    for (const stretch of stretches) report(`${workload.name}: ${name}: ${describeStretch(stretch)}`);
    results[name] = stretches;
    if (name === 'ours') await databases.keepTemplates();
  }
  // Only now: with ours goes the publication, which the others read.
  for (const name of readers) await databases.dropSlot(name);
  return results;
}

function describeStretch({ rows: count, seconds, cpuMicroseconds, peakMegabytes }: Stretch): string {
  const rate = Math.round(count / seconds);
  const cpu = (cpuMicroseconds / count).toFixed(1);
  return `${count} rows at ${rate}/s, ${cpu} µs of CPU each, ${Math.round(peakMegabytes)} MB at most`;
}

async function measureLatency(
  databases: BenchDatabases,
  { program, debezium }: Contenders,
  report: (line: string) => void,
): Promise<Measurement[]> {
  const tell = (name: string, { p50, p99 }: { p50: number; p99: number }) =>
    report(`trickle: ${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  report(`trickle: ${trickleRows} rows, 50 a second`);
  const ours = await measureTrickle(databases, 'ours', program('ours'), trickleRows);
  tell('ours', ours);
  await databases.keepTemplates();
  const bare = await measureBareWrite(databases, program('bare-write'), trickleRows);
  tell('a bare write', bare);
  const others = { 'minimal loop': program('minimal-loop'), ...(debezium && { Debezium: debezium() }) };
  for (const [name, command] of Object.entries(others))
    tell(name, await measureTrickle(databases, name, command, trickleRows));
  for (const name of ['ours', ...Object.keys(others)]) await databases.dropSlot(name);
  return [
    compareWithPeer(
      'capture trickle',
      'p50 ms from commit to stored beside a bare write',
      { ours: ours.p50, peer: bare.p50 },
      { atMost: 3 },
    ),
    compareWithPeer(
      'capture trickle',
      'p99 ms from commit to stored beside a bare write',
      { ours: ours.p99, peer: bare.p99 },
      { atMost: 10 },
    ),
  ];
}
