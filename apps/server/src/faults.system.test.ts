import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { startMongo, startPostgres, type MongoEngine, type PostgresEngine } from '@infratraq/engines';
import { connectPostgres } from '@infratraq/postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'mongoose';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { loadDemonstration } from './demonstration/load-demonstration.js';
import { testSecret } from './testing/sign-token.js';
import { startServerLoad, type ServerLoad } from './testing/server-load.js';
import { startServerProcess, type ServerProcess } from './testing/start-server-process.js';

/** `FAULT_ROUNDS` makes it more or less. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 20);
/** Operations of each kind between two faults. */
const operations = 3;

let folder: string;
let postgres: PostgresEngine;
let mongo: MongoEngine;
let servers: ServerProcess[];
let load: ServerLoad;

const openServer = (place: number): Promise<ServerProcess> =>
  startServerProcess({
    MONGODB_URI: mongo.uri,
    POSTGRES_URL: postgres.url,
    DATA_DIR: join(folder, `server-${place}`),
    AUTH_SECRET: testSecret,
    RATE_LIMIT_PER_MINUTE: '1000000',
    LOG_LEVEL: process.env['SERVER_LOG'] ?? 'fatal',
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faults-'));
  [postgres, mongo] = await Promise.all([
    startPostgres({ dataDirectory: folder }),
    startMongo({ dataDirectory: folder, durable: true }),
  ]);
  servers = [await openServer(0)];
  const connected = await connectPostgres({ url: postgres.url });
  await loadDemonstration(connected);
  await connected.pool.query('create table load_rows (id bigint primary key)');
  await connected.close();
}, 120_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  await Promise.all([postgres.stop(), mongo.stop()]);
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  load = startServerLoad({ urls: () => servers.map(({ url }) => url), postgresUrl: postgres.url });
  await load.progress(1);
}, 60_000);
afterEach(async () => void (await load.stop()));

/** Stops the load, and looks whether the server lives, what clients were told, and what is stored. */
async function expectNothingLost(): Promise<void> {
  await load.progress(operations);
  expect(await load.stop()).toEqual([]);
  const connection = await createConnection(mongo.uri).asPromise();
  try {
    expect(await load.findDifferences(connection.db!)).toEqual([]);
  } finally {
    await connection.close();
  }
  const living = await Promise.race([servers[0]!.ended.then(() => 'ended'), 'running']);
  expect(living).toBe('running');
}

it(
  'goes on when PostgreSQL ends each of its connections in turn, under load',
  async () => {
    const killer = new pg.Client({ connectionString: postgres.url });
    await killer.connect();
    const kinds = new Set<string>();
    try {
      for (let round = 0; round < rounds; round += 1) {
        const { rows } = await killer.query<{ pid: number; application_name: string }>(
          `select pid, application_name from pg_stat_activity
           where application_name like 'infratraq%' and pid <> pg_backend_pid()`,
        );
        for (const { pid, application_name } of rows) {
          kinds.add(application_name.replace(/ .*/, ''));
          await killer.query('select pg_terminate_backend($1)', [pid]);
        }
        await load.progress(1);
      }
    } finally {
      await killer.end();
    }
    expect(kinds.size).toBeGreaterThan(1);
    await expectNothingLost();
  },
  rounds * 60_000,
);

it(
  'goes on when PostgreSQL is restarted or crashes, under load',
  async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { port } = postgres;
      if (round % 2 === 0) process.kill(postgres.pid, 'SIGQUIT');
      await postgres.stop();
      postgres = await startPostgres({ dataDirectory: folder, port });
      await load.progress(1);
    }
    expect(load.retries()).toBeGreaterThan(0);
    await expectNothingLost();
  },
  rounds * 60_000,
);

it(
  'goes on when MongoDB is restarted or crashes, under load',
  async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { port } = mongo;
      await (round % 2 === 0 ? mongo.kill() : mongo.stop());
      mongo = await startMongo({ dataDirectory: folder, port, durable: true });
      await load.progress(1);
    }
    await expectNothingLost();
  },
  rounds * 60_000,
);
