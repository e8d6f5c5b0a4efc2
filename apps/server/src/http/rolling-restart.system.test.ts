import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, pickFreePort, type TestDatabases } from '@infratraq/engines';
import { connectPostgres } from '@infratraq/postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'mongoose';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { loadDemonstration } from '../demonstration/load-demonstration.js';
import { testSecret } from '../testing/sign-token.js';
import { startServerLoad, type ServerLoad } from '../testing/server-load.js';
import { startServerProcess, type ServerProcess } from '../testing/start-server-process.js';

let databases: TestDatabases;
let folder: string;
let ports: number[];
let servers: ServerProcess[];
let load: ServerLoad | undefined;
let balancer: LoadBalancer;

interface LoadBalancer {
  /** Servers that say that they are ready. */
  readonly urls: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** Asks every server again and again whether it is ready, as a load balancer does. */
function startLoadBalancer(): LoadBalancer {
  const ready = new Set<string>();
  const stopping = new AbortController();
  const look = async (port: number): Promise<void> => {
    const url = `http://127.0.0.1:${port}`;
    while (!stopping.signal.aborted) {
      const isReady = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) ready.add(url);
      else ready.delete(url);
      await delay(50);
    }
  };
  const looking = Promise.all(ports.map(look));
  return {
    urls: () => [...ready],
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}

const openServer = (place: number): Promise<ServerProcess> =>
  startServerProcess({
    PORT: String(ports[place]),
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: databases.postgresUrl,
    DATA_DIR: join(folder, `server-${place}`),
    AUTH_SECRET: testSecret,
    RATE_LIMIT_PER_MINUTE: '1000000',
  });

beforeAll(async () => {
  databases = await createTestDatabases();
  folder = await mkdtemp(join(tmpdir(), 'rolling-'));
  ports = [await pickFreePort(), await pickFreePort(), await pickFreePort()];
  servers = [await openServer(0)];
  const postgres = await connectPostgres({ url: databases.postgresUrl });
  await loadDemonstration(postgres);
  await postgres.pool.query('create table load_rows (id bigint primary key)');
  await postgres.close();
  servers.push(...(await Promise.all([openServer(1), openServer(2)])));
}, 120_000);
afterAll(async () => {
  await load?.stop();
  await balancer.stop();
  await Promise.all(servers.map((server) => server.kill()));
  await databases.drop();
  await rm(folder, { recursive: true });
});

it('loses no request when three servers are restarted one after another, under load', async () => {
  balancer = startLoadBalancer();
  load = startServerLoad({ urls: balancer.urls, postgresUrl: databases.postgresUrl });
  await load.progress(3);
  for (const place of servers.keys()) {
    servers[place]!.signal('SIGTERM');
    expect(await servers[place]!.ended).toBe(0);
    servers[place] = await openServer(place);
    await load.progress(3);
  }
  expect(await load.stop()).toEqual([]);
  expect(load.interrupted()).toEqual([]);
  const connection = await createConnection(databases.mongodbUri).asPromise();
  try {
    expect(await load.findDifferences(connection.db!)).toEqual([]);
  } finally {
    await connection.close();
  }
}, 240_000);
