import { benchmarkAccess } from './access/benchmark-access.js';
import { benchmarkCapture } from './capture/benchmark-capture.js';
import { benchmarkChat } from './chat/benchmark-chat.js';
import { benchmarkGrowth } from './growth/benchmark-growth.js';
import { benchmarkIngest } from './ingest/benchmark-ingest.js';
import { benchmarkNotify } from './notify/benchmark-notify.js';
import type { Benchmark, Measurement } from './measurement.js';

const benchmarks: Readonly<Record<string, Benchmark>> = {
  access: benchmarkAccess,
  capture: benchmarkCapture,
  chat: benchmarkChat,
  growth: benchmarkGrowth,
  ingest: benchmarkIngest,
  notify: benchmarkNotify,
};

/** `npm run bench -- [NAME…] [--json]`: exits with 1 when a target is missed, with 2 when a name is unknown. */
async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const names = args.filter((argument) => !argument.startsWith('--'));
  const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
  if (unknown.length > 0) {
    process.stderr.write(
      `No benchmark is called ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}\n`,
    );
    return 2;
  }
  let missed = 0;
  for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
    const measurements = await (benchmarks[name] as Benchmark)((line) => process.stderr.write(`${line}\n`));
    missed += measurements.filter(({ ok }) => !ok).length;
    process.stdout.write(json ? formatLines(measurements) : formatTable(measurements));
  }
  return missed > 0 ? 1 : 0;
}

function formatLines(measurements: readonly Measurement[]): string {
  return measurements.map((measurement) => `${JSON.stringify(measurement)}\n`).join('');
}

function formatTable(measurements: readonly Measurement[]): string {
  const rows = [
    ['bench', 'metric', 'ours', 'peer', 'ratio', 'target', ''],
    ...measurements.map(({ bench, metric, ours, peer, ratio, target, ok }) => [
      bench,
      metric,
      String(ours),
      String(peer ?? '-'),
      String(ratio ?? '-'),
      target,
      ok ? 'met' : 'MISSED',
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] as number))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

process.exitCode = await main(process.argv.slice(2));
