import { startMongo } from '@infratraq/engines';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareWithPeer, holdToLimit, medianOf, type Benchmark, type Measurement } from '../measurement.js';
import { measureCrowd, type CrowdFigures } from './chat-crowd.js';

const subject = fileURLToPath(new URL('chat-subject.ts', import.meta.url));
const hooks = new URL('../../../swc-hooks.mjs', import.meta.url).href;
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);
const seconds = Number(process.env['BENCH_SECONDS'] ?? 5);
const sizes = [
  { clients: 200, atLeast: 0.9 },
  { clients: 1_000, atLeast: 0.95 },
];
const addedMilliseconds = 10;

type SubjectName = 'ours' | 'plain';

/** Chat that stores every message before it announces it, beside plain Socket.IO that stores none. */
export const benchmarkChat: Benchmark = async (report) => {
  await using opened = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-bench-'));
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const engine = await startMongo({ dataDirectory });
  opened.defer(() => engine.stop());

  const measurements: Measurement[] = [];
  for (const { clients, atLeast } of sizes) {
    const runs: Record<SubjectName, CrowdFigures[]> = { ours: [], plain: [] };
    for (let round = 1; round <= rounds; round += 1)
      // Whoever is first meets clients whose code is not compiled yet, so they take turns.
      for (const name of round % 2 === 1 ? (['plain', 'ours'] as const) : (['ours', 'plain'] as const)) {
        const uri = engine.uri.replace(/\/[^/?]*(\?|$)/, `/chat_${clients}_${round}$1`);
        const figures = await measureSubject(name, uri, clients);
        runs[name].push(figures);
        report(`round ${round} of ${rounds}: ${name}, ${clients} clients: ${describe(figures)}`);
      }
    measurements.push(...compare(clients, atLeast, runs));
  }
  return measurements;
};

async function measureSubject(name: SubjectName, uri: string, clients: number): Promise<CrowdFigures> {
  const child = fork(subject, {
    execArgv: ['-C', '@infratraq/source', '--import', hooks],
    env: { PATH: process.env['PATH'], SUBJECT: name, MONGODB_URI: uri },
  });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => {
    throw new Error(`${name} ended with ${code} before it listened`);
  });
  ended.catch(() => undefined);
  const [port] = (await Promise.race([once(child, 'message'), ended])) as [number];
  const figures = await measureCrowd(port, { clients, seconds });
  child.kill();
  await exited;
  return figures;
}

function compare(
  clients: number,
  atLeast: number,
  { ours, plain }: Record<SubjectName, CrowdFigures[]>,
): Measurement[] {
  const both = (figure: (one: CrowdFigures) => number) => ({
    ours: medianOf(ours.map(figure)),
    peer: medianOf(plain.map(figure)),
  });
  const rate = both(({ deliveriesPerSecond }) => deliveriesPerSecond);
  const calm = both(({ calm: { p99 } }) => p99);
  const name = `${clients} clients`;
  return [
    compareWithPeer('chat', `deliveries/s, ${name}`, rate, { atLeast }),
    holdToLimit(
      'chat',
      `ms added to p99 at 20 messages/s, ${name}`,
      calm.ours - calm.peer,
      addedMilliseconds,
    ),
  ];
}

function describe({ deliveriesPerSecond, busy, calm }: CrowdFigures): string {
  const milliseconds = ({ p50, p99 }: { p50: number; p99: number }) =>
    `${p50.toFixed(1)}/${p99.toFixed(1)} ms`;
  return `${Math.round(deliveriesPerSecond)} deliveries/s, p50/p99 ${milliseconds(busy)} busy, ${milliseconds(calm)} calm`;
}
