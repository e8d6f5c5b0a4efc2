import { startEngines } from '@infratraq/engines';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareWithPeer, holdToLimit, medianOf, type Benchmark } from '../measurement.js';
import { openSubject, type NotifySubject } from './notify-subject.js';
import { sendWithNodemailer } from './send-with-nodemailer.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);
const mails = Number(process.env['BENCH_MAILS'] ?? 5_000);
const recipients = 100_000;
const connections = 5;
const hooks = new URL('../../../swc-hooks.mjs', import.meta.url).href;
const sinkProgram = fileURLToPath(new URL('smtp-sink.ts', import.meta.url));

/** Emails through the whole path (preferences, template, job, SMTP), against nodemailer alone with the same pool. */
export const benchmarkNotify: Benchmark = async (report) => {
  await using opened = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-bench-'));
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const environment = { ...process.env, MONGODB_URI: undefined, POSTGRES_URL: undefined };
  const engines = await startEngines({ dataDirectory, environment });
  opened.defer(() => engines.stop());
  const sink = fork(sinkProgram, { execArgv: ['-C', '@infratraq/source', '--import', hooks] });
  opened.defer(() => void sink.disconnect());
  const [port] = (await once(sink, 'message')) as [number];
  const subject = await openSubject(engines, { port, connections, recipients });
  opened.defer(() => subject.close());

  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const alone = await sendWithNodemailer({ port, connections, mails, render: subject.renderOne });
    peer.push(mails / alone.seconds);
    const figures = await subject.sendTo(`bench-${mails}`, mails);
    ours.push(mails / figures.seconds);
    report(
      `round ${round} of ${rounds}: nodemailer ${Math.round(mails / alone.seconds)}/s at ` +
        `${Math.round(alone.cpuMicroseconds)} µs of processor per email, whole path ${describe(figures)}`,
    );
  }
  const memory = await subject.enqueue('bench-all', recipients);
  report(
    `${recipients} recipients enqueued in ${memory.seconds.toFixed(1)} s: ${memory.firstMegabytes.toFixed(0)} MB at most for the first tenth, ${memory.peakMegabytes.toFixed(0)} MB for the others`,
  );
  return [
    compareWithPeer(
      'notify',
      'emails/s through the whole path',
      { ours: medianOf(ours), peer: medianOf(peer) },
      { atLeast: 0.5 },
    ),
    holdToLimit(
      'notify',
      'MB more at most for 90,000 further recipients than for the first 10,000',
      memory.peakMegabytes - memory.firstMegabytes,
      48,
    ),
  ];
};

type Figures = Awaited<ReturnType<NotifySubject['sendTo']>>;

function describe(figures: Figures): string {
  const { seconds, handedOverSeconds, cpuMicroseconds, sendingMicroseconds, microseconds } = figures;
  const each = Object.entries(microseconds).map(([name, spent]) => `${name} ${Math.round(spent)} µs`);
  return (
    `${Math.round(mails / seconds)}/s at ${Math.round(cpuMicroseconds)} µs of processor ` +
    `(the last one handed over after ${handedOverSeconds.toFixed(2)} s; awaited per email: ` +
    `${each.join(', ')}, SMTP ${Math.round(sendingMicroseconds)} µs)`
  );
}
