import { prepareCapture, removeCapture } from '@infratraq/capture';
import { startEngines } from '@infratraq/engines';
import { applyIndexes, connectMongo, type Mongo } from '@infratraq/mongo';
import { connectPostgres, migrate, type Postgres } from '@infratraq/postgres';
import { store } from '@infratraq/store';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareWithPeer, holdToLimit, type Benchmark, type Measurement } from '../measurement.js';
import type { SubjectFigures } from './subject.js';

const rows = Number(process.env['BENCH_ROWS'] ?? 200_000);
const slot = 'infratraq_bench_capture';
const folder = fileURLToPath(new URL('../..', import.meta.url));

/** Change capture, end to end until stored, against the driver's insertMany of the same documents. */
export const benchmarkCapture: Benchmark = async (report) => {
  report('building what is measured');
  execFileSync('npx', ['tsc', '-b', join(folder, 'tsconfig.lib.json')], { stdio: 'inherit' });
  await using opened = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-bench-'));
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  // Always engines of its own: what it measures it also drops.
  const environment = { ...process.env, MONGODB_URI: undefined, POSTGRES_URL: undefined };
  const engines = await startEngines({ dataDirectory, environment });
  opened.defer(() => engines.stop());
  const mongo = await connectMongo({ uri: engines.mongodbUri });
  opened.defer(() => mongo.close());
  const postgres = await connectPostgres({ url: engines.postgresUrl });
  opened.defer(() => postgres.close());
  await migrate(postgres);
  opened.defer(() => removeCapture(postgres, { slot }));
  const urls = { POSTGRES_URL: engines.postgresUrl, MONGODB_URI: engines.mongodbUri };

  const measurements: Measurement[] = [];
  for (const workload of ['insert', 'update'] as const) {
    await prepareCollections(mongo);
    await runWorkload(postgres, workload);
    report(`${rows} rows by ${workload}: capture`);
    const ours = await measure('capture-subject', { ...urls, SLOT: slot, COLLECTION: 'entity_changelog' });
    report(`${rows} rows by ${workload}: insertMany`);
    await prepareCollections(mongo, 'keep');
    const peer = await measure('raw-insert-subject', {
      ...urls,
      TEMPLATES: 'templates',
      COLLECTION: 'entity_changelog',
    });
    measurements.push(...compare(workload, ours, peer));
  }
  return measurements;
};

function compare(workload: string, ours: SubjectFigures, peer: SubjectFigures): Measurement[] {
  const bench = `capture ${workload}`;
  return [
    compareWithPeer(
      bench,
      'rows per second',
      { ours: rows / ours.seconds, peer: rows / peer.seconds },
      { atLeast: 0.95 },
    ),
    holdToLimit(bench, 'CPU µs per row', ours.cpuMicroseconds / rows, 17),
    holdToLimit(bench, 'peak memory, MB', ours.peakMegabytes, 120),
  ];
}

/** An empty changelog with its indexes; with `keep`, a thousand of its documents are set aside before. */
async function prepareCollections(mongo: Mongo, templates?: 'keep'): Promise<void> {
  const database = mongo.connection.db!;
  const changelog = database.collection('entity_changelog');
  if (templates === 'keep') {
    await database.collection('templates').deleteMany({});
    await database
      .collection('templates')
      .insertMany(await changelog.find({ entity_type: 'bench_inspections' }).limit(1_000).toArray());
  }
  await changelog.drop();
  const { class: documentClass } = store.collections.find(({ name }) => name === 'entity_changelog')!;
  await applyIndexes(mongo.connection, [documentClass]);
}

/** Makes a slot and rows to be read from it, about 500 bytes as a document. */
async function runWorkload(postgres: Postgres, workload: 'insert' | 'update'): Promise<void> {
  const { pool } = postgres;
  await pool.query('drop table if exists bench_inspections');
  await pool.query(`create table bench_inspections (
    inspection_id bigint primary key, asset_id int, status text, score numeric(6, 2), inspected_at timestamptz(3), remarks text)`);
  const insert = `insert into bench_inspections select i, i % 1000, 'passed', i % 100 + 0.25, now(),
    'No defects were found on the supports; photographs are attached ' || i from generate_series($1::int, $2::int) i`;
  const ranges = Array.from({ length: rows / 1_000 }, (_, index) => [index * 1_000, index * 1_000 + 999]);
  if (workload === 'update') for (const range of ranges) await pool.query(insert, range);
  await removeCapture(postgres, { slot });
  await prepareCapture(postgres, { slot });
  for (const range of ranges) {
    if (workload === 'insert') await pool.query(insert, range);
    else
      await pool.query(
        `update bench_inspections set status = 'failed' where inspection_id between $1 and $2`,
        range,
      );
  }
}

/** Runs a subject as it is shipped (built, without this benchmark's own memory) and answers its figures. */
async function measure(program: string, environment: Record<string, string>): Promise<SubjectFigures> {
  const child = fork(join(folder, 'dist', 'capture', `${program}.js`), {
    execArgv: (process.env['BENCH_NODE_ARGS'] ?? '').split(' ').filter(Boolean),
    env: { PATH: process.env['PATH'], ...environment, ROWS: String(rows) },
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${program} ended with ${code} before it was done`);
  });
  ended.catch(() => undefined);
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [SubjectFigures];
  return figures;
}
