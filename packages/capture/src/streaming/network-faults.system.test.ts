import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eventually, startToxiproxy, type FaultyLink, type Toxic, type Toxiproxy } from '@infratraq/engines';
import { once } from 'node:events';
import { createConnection, type Connection } from 'mongoose';
import { createMongoChangeSink } from '../index.js';
import { createFaultTables, findDifferences, noDifferences, startFaultLoad } from '../testing/fault-load.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

/** `FAULT_ROUNDS` makes it more, for a long run. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 1);
/** How long a database may be silent before it counts as lost, in milliseconds. */
const maxSilenceMilliseconds = 1_500;
/** Transactions before each fault, and while it lasts where nothing fails. */
const transactions = 30;

let proxy: Toxiproxy;
let toPostgres: FaultyLink;
let toMongodb: FaultyLink;
let bench: CaptureBench;
let connection: Connection;

beforeAll(async () => {
  proxy = await startToxiproxy();
  toPostgres = await proxy.link(portOf(process.env['POSTGRES_URL']!));
  toMongodb = await proxy.link(portOf(process.env['MONGODB_URI']!));
}, 180_000);
afterAll(() => proxy.stop());

beforeEach(async () => {
  bench = await openCaptureBench();
  await createFaultTables(bench.postgres.pool);
  const uri = new URL(through(bench.mongodbUri, toMongodb));
  uri.searchParams.set('serverSelectionTimeoutMS', '500');
  uri.searchParams.set('heartbeatFrequencyMS', '500');
  connection = await createConnection(uri.href).asPromise();
});
afterEach(async () => {
  await bench.close();
  await connection.close();
});

const portOf = (url: string) => Number(new URL(url).port);

function through(url: string, { port }: FaultyLink): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

type Fault = readonly [what: string, stream?: 'downstream' | 'upstream', toxic?: Toxic];
const faults: Fault[] = [
  ['is cut'],
  ['resets connections', 'downstream', { type: 'reset_peer', attributes: { timeout: 20 } }],
  ['cuts off what is sent', 'upstream', { type: 'limit_data', attributes: { bytes: 20_000 } }],
  ['swallows answers', 'downstream', { type: 'timeout', attributes: { timeout: 50 } }],
  ['swallows answers and closes nothing', 'downstream', { type: 'timeout', attributes: { timeout: 0 } }],
  ['swallows what is sent and closes nothing', 'upstream', { type: 'timeout', attributes: { timeout: 0 } }],
  ['is slow', 'downstream', { type: 'latency', attributes: { latency: 80, jitter: 60 } }],
];

it.each(faults)(
  'loses and doubles nothing when the network to both databases %s',
  async (...fault) => {
    const capture = await bench.startCapture({
      postgresUrl: through(bench.postgresUrl, toPostgres),
      sink: createMongoChangeSink(connection, { maxSilenceMilliseconds }),
      maxSilenceMilliseconds,
    });
    const load = startFaultLoad(bench.postgresUrl);
    try {
      for (let round = 0; round < rounds; round += 1) {
        for (const link of [toMongodb, toPostgres]) {
          await load.progress(transactions);
          const retrying = once(capture, 'capture:retrying');
          const end = await inflict(link, fault);
          if (fault[2]?.type === 'latency') await load.progress(transactions);
          else await retrying;
          await end();
          const { changes } = capture.status();
          await eventually(
            () => capture.status().changes,
            (now) => now > changes,
          );
        }
      }
    } finally {
      await load.stop();
    }
    await bench.catchUp(capture);
    expect(await findDifferences(bench.postgres.pool, await bench.readChanges())).toEqual(noDifferences);
  },
  60_000 * rounds,
);

async function inflict(link: FaultyLink, [, stream, toxic]: Fault): Promise<() => Promise<void>> {
  if (stream !== undefined && toxic !== undefined) return link.poison(stream, toxic);
  await link.cut();
  return () => link.restore();
}
