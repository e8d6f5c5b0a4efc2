import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  eventually,
  startMongo,
  startPostgres,
  type MongoEngine,
  type PostgresEngine,
} from '@infratraq/engines';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mongoose';
import pg from 'pg';
import {
  CaptureSlotLostError,
  createMongoChangeSink,
  recoverLostSlot,
  runSnapshot,
  type Change,
} from '../index.js';
import {
  createFaultTables,
  findDifferences,
  noDifferences,
  startFaultLoad,
  type FaultLoad,
} from '../testing/fault-load.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

/** `FAULT_ROUNDS` makes it more, for a long run. */
const crashes = Number(process.env['FAULT_ROUNDS'] ?? 2);
const timeoutMilliseconds = 60_000 * crashes;
/** Transactions between two crashes, about. */
const transactions = 60;

let folder: string;
let opened: AsyncDisposableStack;

beforeEach(async () => {
  opened = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'capture-engines-'));
  opened.defer(() => rm(folder, { recursive: true }));
}, 30_000);
afterEach(() => opened.disposeAsync(), 60_000);

function startLoad(postgresUrl: string): FaultLoad {
  const load = startFaultLoad(postgresUrl);
  opened.defer(() => load.stop());
  return load;
}

const someTransactions = () => Math.ceil(transactions * (0.5 + Math.random()));

it(
  'loses and doubles nothing when MongoDB is killed and started again under load',
  async () => {
    let engine: MongoEngine = await startMongo({ dataDirectory: folder, durable: true });
    opened.defer(() => engine.stop());
    const { port } = engine;
    const bench = await openCaptureBench();
    opened.defer(() => bench.close());
    await createFaultTables(bench.postgres.pool);
    const uri = `${engine.uri}&serverSelectionTimeoutMS=500`;
    const connection = await createConnection(uri).asPromise();
    opened.defer(() => connection.close());
    const capture = await bench.startCapture({ sink: createMongoChangeSink(connection) });
    const load = startLoad(bench.postgresUrl);
    for (let crash = 1; crash <= crashes; crash += 1) {
      await load.progress(someTransactions());
      const retrying = once(capture, 'capture:retrying');
      await engine.kill();
      await retrying;
      engine = await startMongo({ dataDirectory: folder, port, durable: true });
      const { changes } = capture.status();
      await eventually(
        () => capture.status().changes,
        (now) => now > changes,
      );
    }
    await load.stop();
    await bench.catchUp(capture);
    const changelog = connection.db!.collection<Change>('entity_changelog');
    const changes = await changelog.find().sort({ _id: 1 }).toArray();
    expect(await findDifferences(bench.postgres.pool, changes)).toEqual(noDifferences);
  },
  timeoutMilliseconds,
);

it(
  'loses and doubles nothing when PostgreSQL ends without cleaning up and is started again under load',
  async () => {
    let engine: PostgresEngine = await startPostgres({ dataDirectory: folder });
    opened.defer(() => engine.stop());
    const { port } = engine;
    const bench = await openCaptureBench(engine.url);
    opened.defer(() => bench.close());
    // Each restart drops what is in the pool; its next connection is a new one.
    bench.postgres.pool.on('error', () => undefined);
    await createFaultTables(bench.postgres.pool);
    const capture = await bench.startCapture();
    const load = startLoad(engine.url);
    for (let crash = 1; crash <= crashes; crash += 1) {
      await load.progress(someTransactions());
      const restarted = once(capture, 'capture:started');
      // PostgreSQL's immediate shutdown: no checkpoint, so the log has to be replayed.
      process.kill(engine.pid, 'SIGQUIT');
      await engine.stop();
      engine = await startPostgres({ dataDirectory: folder, port });
      await restarted;
    }
    await load.progress(transactions);
    await load.stop();
    await bench.catchUp(capture);
    const client = new pg.Client({ connectionString: engine.url });
    await client.connect();
    try {
      expect(await findDifferences(client, await bench.readChanges())).toEqual(noDifferences);
    } finally {
      await client.end();
    }
  },
  timeoutMilliseconds,
);

it(
  'tells what is when its slot was dropped under load: a gap, and every row as a snapshot after it',
  async () => {
    const bench = await openCaptureBench();
    opened.defer(() => bench.close());
    await createFaultTables(bench.postgres.pool);
    const lost = await bench.startCapture();
    const load = startLoad(bench.postgresUrl);
    await load.progress(transactions);
    const failed = once(lost, 'capture:failed');
    await dropSlot(bench);
    const [{ error }] = (await failed) as [{ error: unknown }];
    expect(error).toBeInstanceOf(CaptureSlotLostError);
    await load.progress(transactions);
    await recoverLostSlot(bench.postgres, bench.names);
    const capture = await bench.startCapture();
    await runSnapshot({ ...bench.names, postgresUrl: bench.postgresUrl });
    await load.progress(transactions);
    await load.stop();
    await bench.catchUp(capture);
    const changes = await bench.readChanges();
    const gap = changes.findIndex(({ operation }) => operation === 'GAP');
    expect(gap).toBeGreaterThan(0);
    const { differing } = await findDifferences(bench.postgres.pool, changes.slice(gap));
    expect(differing).toEqual([]);
  },
  timeoutMilliseconds,
);

/** As an operator would who has mistaken it for another one: its reader has to be ended first, and comes again. */
async function dropSlot({ names, query }: CaptureBench): Promise<void> {
  const end = 'select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1';
  await eventually(async () => {
    await query(end, [names.slot]);
    await query('select pg_drop_replication_slot($1)', [names.slot]);
  });
}
