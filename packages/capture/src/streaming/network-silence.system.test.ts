import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  eventually,
  startPostgres,
  startToxiproxy,
  type FaultyLink,
  type PostgresEngine,
  type Toxic,
  type Toxiproxy,
} from '@infratraq/engines';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { createMongoChangeSink } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

const maxSilenceMilliseconds = 1_500;

let folder: string;
// A server that other suites write to is never idle.
let server: PostgresEngine;
let benches = 0;
let proxy: Toxiproxy;
let link: FaultyLink;
let bench: CaptureBench;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capture-silence-'));
  [server, proxy] = await Promise.all([startPostgres({ dataDirectory: folder }), startToxiproxy()]);
  link = await proxy.link(server.port);
}, 180_000);
afterAll(async () => {
  await Promise.all([proxy.stop(), server.stop()]);
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  bench = await openCaptureBench(await createDatabase());
  await bench.query('create table rows (id int primary key)');
});
afterEach(() => bench.close());

async function createDatabase(): Promise<string> {
  const name = `bench_${(benches += 1)}`;
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return server.url.replace(/[^/]*$/, name);
}

function throughLink(): string {
  const url = new URL(bench.postgresUrl);
  url.port = String(link.port);
  return url.href;
}

/** Until then a query of capture's other session may notice the silence first. */
async function positionRemembered(): Promise<void> {
  const lsn = (await bench.readChanges('rows')).at(-1)!.lsn;
  const remembered =
    'select confirmed_lsn > $2::pg_lsn as done from infratraq.capture_position where slot_name = $1';
  await eventually(
    () => bench.query(remembered, [bench.names.slot, lsn]),
    ([position]) => position.done,
  );
}

const silences: [what: string, stream: 'downstream' | 'upstream', toxic: Toxic][] = [
  ['answers are held back', 'downstream', { type: 'timeout', attributes: { timeout: 0 } }],
  ['answers get no bandwidth', 'downstream', { type: 'bandwidth', attributes: { rate: 0 } }],
  ['what is sent is held back', 'upstream', { type: 'timeout', attributes: { timeout: 0 } }],
  ['what is sent gets no bandwidth', 'upstream', { type: 'bandwidth', attributes: { rate: 0 } }],
];

it.each(silences)(
  'notices that an idle stream is silent although nothing was closed: %s',
  async (_what, stream, toxic) => {
    const capture = await bench.startCapture({ postgresUrl: throughLink(), maxSilenceMilliseconds });
    await bench.query('insert into rows values (1)');
    await bench.catchUp(capture);
    await positionRemembered();
    const retrying = once(capture, 'capture:retrying');
    const restart = once(capture, 'capture:started');
    const heal = await link.poison(stream, toxic);
    const [{ error }] = (await retrying) as [{ error: unknown }];
    expect(error).toMatchObject({ code: 'capture.connection-silent' });
    await heal();
    await restart;
    await bench.query('insert into rows values (2)');
    await bench.catchUp(capture);
    expect((await bench.readChanges('rows')).map(({ entity_id }) => entity_id)).toEqual(['1', '2']);
  },
);

it('takes no offence at a stream that it holds back itself, nor at an idle one that answers', async () => {
  const faults: unknown[] = [];
  const sink = createMongoChangeSink(bench.connection);
  let written = 0;
  const capture = await bench.startCapture({
    maxSilenceMilliseconds,
    maxBatchChanges: 10,
    sink: {
      write: async (changes) => {
        // The fault itself: a store that is slower than the longest silence.
        if ((written += 1) <= 2) await delay(1.5 * maxSilenceMilliseconds);
        await sink.write(changes);
      },
    },
  });
  capture.on('capture:retrying', ({ error }) => faults.push(error));
  await bench.query('insert into rows select generate_series(1, 100)');
  await bench.catchUp(capture);
  await delay(2 * maxSilenceMilliseconds);
  expect(faults).toEqual([]);
  expect(await bench.readChanges('rows')).toHaveLength(100);
});
