import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  eventually,
  startMongo,
  startPostgres,
  startToxiproxy,
  type FaultyLink,
  type MongoEngine,
  type PostgresEngine,
  type Toxiproxy,
} from '@infratraq/engines';
import { connectPostgres } from '@infratraq/postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'mongoose';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDemonstration } from './demonstration/load-demonstration.js';
import { startServerLoad } from './testing/server-load.js';
import { startServerProcess, type ServerProcess } from './testing/start-server-process.js';
import { testSecret } from './testing/sign-token.js';

/** `STALL_ROUNDS` makes it more or less. */
const rounds = Number(process.env['STALL_ROUNDS'] ?? 2);

let folder: string;
let postgres: PostgresEngine;
let mongo: MongoEngine;
let proxy: Toxiproxy;
let links: Record<'PostgreSQL' | 'MongoDB', FaultyLink>;
let server: ServerProcess;

const through = (address: string, { port }: FaultyLink): string => {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stalls-'));
  [postgres, mongo, proxy] = await Promise.all([
    startPostgres({ dataDirectory: folder }),
    startMongo({ dataDirectory: folder, durable: true }),
    startToxiproxy(),
  ]);
  links = {
    PostgreSQL: await proxy.link(postgres.port),
    MongoDB: await proxy.link(mongo.port),
  };
  server = await startServerProcess({
    MONGODB_URI: through(mongo.uri, links.MongoDB),
    POSTGRES_URL: through(postgres.url, links.PostgreSQL),
    DATA_DIR: join(folder, 'server'),
    AUTH_SECRET: testSecret,
    RATE_LIMIT_PER_MINUTE: '1000000',
    LOG_LEVEL: process.env['SERVER_LOG'] ?? 'fatal',
  });
  const connected = await connectPostgres({ url: postgres.url });
  await loadDemonstration(connected);
  await connected.pool.query('create table load_rows (id bigint primary key)');
  await connected.close();
}, 120_000);
afterAll(async () => {
  await server.kill();
  await Promise.all([postgres.stop(), mongo.stop(), proxy.stop()]);
  await rm(folder, { recursive: true });
});

it.each(['MongoDB', 'PostgreSQL'] as const)(
  'goes on when the network to %s swallows everything for a while, under load',
  async (neighbour) => {
    const load = startServerLoad({ urls: () => [server.url], postgresUrl: postgres.url });
    await load.progress(1);
    for (let round = 0; round < rounds; round += 1) {
      const before = load.retries();
      const ends = await Promise.all(
        (['downstream', 'upstream'] as const).map((stream) =>
          links[neighbour].poison(stream, { type: 'timeout', attributes: { timeout: 0 } }),
        ),
      );
      await eventually(load.retries, (retries) => retries > before, { withinMilliseconds: 60_000 });
      for (const end of ends) await end();
      await load.progress(1);
    }
    await load.progress(3);
    expect(await load.stop()).toEqual([]);
    const connection = await createConnection(mongo.uri).asPromise();
    expect(await load.findDifferences(connection.db!)).toEqual([]);
    await connection.close();
    expect(await Promise.race([server.ended.then(() => 'ended'), 'running'])).toBe('running');
  },
  rounds * 150_000 + 120_000,
);
