import { startMongo } from '@infratraq/engines';
import { applyIndexes, connectMongo, type Mongo } from '@infratraq/mongo';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareWithPeer, medianOf, type Benchmark, type Measurement } from '../measurement.js';
import { BenchEvent, BenchRecord } from './bench-event.js';
import type { ContenderName } from './contenders.js';
import type { ContenderFigures } from './ingest-subject.js';

const subject = fileURLToPath(new URL('ingest-subject.ts', import.meta.url));
const fromSource = [
  '-C',
  '@infratraq/source',
  '--import',
  new URL('../../../swc-hooks.mjs', import.meta.url).href,
];
const scale = Number(process.env['BENCH_SCALE'] ?? 1);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const longRunEvents = 2_000_000;

/** How many events each contender stores in a round: about as many as keep it busy for the same time. */
const events: Readonly<Record<ContenderName, number>> = {
  'raw insertMany': 80_000,
  ours: 80_000,
  'ours, journal-first': 80_000,
  'mongoose insertMany': 20_000,
  'mongoose create': 5_000,
  'winston-mongodb': 8_000,
  'pino-mongodb': 6_000,
};

/** Recording events, end to end until they can be counted, beside the ways in which people do it today. */
export const benchmarkIngest: Benchmark = async (report) => {
  await using opened = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-bench-'));
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  // Always an engine of its own: what it measures it also drops.
  const engine = await startMongo({ dataDirectory });
  opened.defer(() => engine.stop());
  const mongo = await connectMongo({ uri: engine.uri });
  opened.defer(() => mongo.close());
  const measure = async (name: ContenderName, count: number) => {
    await prepareCollections(mongo);
    return runContender(name, { MONGODB_URI: engine.uri, JOURNAL_ROOT: dataDirectory }, count);
  };

  if (process.argv.includes('--long')) {
    report(`${longRunEvents} events in one run`);
    return describeLongRun(await measure('ours', longRunEvents));
  }
  const runs = new Map<ContenderName, ContenderFigures[]>();
  for (let round = 1; round <= rounds; round += 1)
    for (const [name, count] of Object.entries(events) as [ContenderName, number][]) {
      const figures = await measure(name, Math.round(count * scale));
      const rate = Math.round((count * scale) / figures.seconds);
      const cpu = (figures.cpuMicroseconds / (count * scale)).toFixed(1);
      report(`round ${round} of ${rounds}: ${name}: ${rate} events/s, ${cpu} µs of CPU each`);
      runs.set(name, [...(runs.get(name) ?? []), figures]);
    }
  return compareContenders(runs);
};

function compareContenders(runs: ReadonlyMap<ContenderName, readonly ContenderFigures[]>): Measurement[] {
  const median = (name: ContenderName, figure: (one: ContenderFigures) => number) =>
    medianOf((runs.get(name) ?? []).map(figure));
  const rate = (name: ContenderName) => median(name, ({ seconds }) => (events[name] * scale) / seconds);
  const cpu = (name: ContenderName) => median(name, (one) => one.cpuMicroseconds / (events[name] * scale));
  const against = (ours: ContenderName, peer: ContenderName, atLeast: number) =>
    compareWithPeer(
      'ingest',
      `events/s, ${ours} beside ${peer}`,
      { ours: rate(ours), peer: rate(peer) },
      { atLeast },
    );
  return [
    against('ours', 'raw insertMany', 0.95),
    compareWithPeer(
      'ingest',
      'CPU µs per event beside raw insertMany',
      { ours: cpu('ours'), peer: cpu('raw insertMany') },
      { atMost: 1.5 },
    ),
    against('ours', 'mongoose insertMany', 1),
    against('ours', 'winston-mongodb', 8),
    against('ours', 'pino-mongodb', 11),
    against('ours', 'mongoose create', 14),
    against('ours, journal-first', 'ours', 0.8),
  ];
}

/** Memory at the end of a long run beside what it was once everything was warm; medians, for collections make peaks. */
function describeLongRun({ residentMegabytes }: ContenderFigures): Measurement[] {
  const tenth = Math.ceil(residentMegabytes.length / 10);
  const early = medianOf(residentMegabytes.slice(tenth, 3 * tenth));
  const late = medianOf(residentMegabytes.slice(-2 * tenth));
  return [
    compareWithPeer(
      'ingest long',
      'resident MB, last fifth beside second',
      { ours: late, peer: early },
      { atMost: 1.1 },
    ),
  ];
}

async function prepareCollections(mongo: Mongo): Promise<void> {
  const database = mongo.connection.db!;
  for (const { name } of await database.listCollections({ name: /^bench_/ }).toArray())
    await database.dropCollection(name);
  await applyIndexes(mongo.connection, [BenchEvent, BenchRecord]);
  await database.collection('bench_log').createIndex({ 'metadata.user_id': 1, 'metadata.occurred_at': -1 });
}

/** Runs a contender in a process of its own and answers its figures. */
async function runContender(
  name: ContenderName,
  environment: Record<string, string>,
  count: number,
): Promise<ContenderFigures> {
  const child = fork(subject, {
    execArgv: [...fromSource, ...(process.env['BENCH_NODE_ARGS'] ?? '').split(' ').filter(Boolean)],
    env: {
      PATH: process.env['PATH'],
      ...environment,
      CONTENDER: name,
      EVENTS: String(count),
      WARM_UP: '2000',
    },
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${code} before it was done`);
  });
  ended.catch(() => undefined);
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [ContenderFigures];
  return figures;
}
