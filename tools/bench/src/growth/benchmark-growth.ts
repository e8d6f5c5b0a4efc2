import { ChangeLog } from '@infratraq/capture';
import { eventually, startEngines, type Engines } from '@infratraq/engines';
import { connectMongo, type Mongo } from '@infratraq/mongo';
import { connectPostgres } from '@infratraq/postgres';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareWithPeer, medianOf, type Benchmark, type Measurement } from '../measurement.js';
import { positionOf, source } from './collections.js';
import { drawGrowth, type GrowthTimes } from './draw-growth.js';
import { fillCollections } from './fill-collections.js';
import { startGrowthServer, type GrowthServer } from './growth-server.js';
import { findLists, listRequests, writeRequest } from './list-routes.js';

const defaultSizes = '10000,100000,1000000';
const plot = new URL('../../../../docs/growth.svg', import.meta.url);
const calls = 15;
const warmUpCalls = 3;
const target = { atMost: 2 };

/** A store of one size, served. */
interface Store {
  readonly size: number;
  readonly mongo: Mongo;
  readonly server: GrowthServer;
  readonly named: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * What the API's lists cost in stores of several sizes on the embedded engine. `GROWTH_SIZES` names the changes in the
 * changelog (and the entries of the search index); the other collections have a tenth as many documents.
 */
export const benchmarkGrowth: Benchmark = async (report) => {
  const sizes = (process.env['GROWTH_SIZES'] ?? defaultSizes).split(',').map(Number);
  const directory = await mkdtemp(join(tmpdir(), 'infratraq-growth-'));
  const engines = await startEngines({
    dataDirectory: directory,
    log: () => undefined,
    environment: {
      ...process.env,
      INFRATRAQ_ENGINE: 'secantus',
      MONGODB_URI: undefined,
      POSTGRES_URL: undefined,
    },
  });
  const stores: Store[] = [];
  try {
    let lists: readonly string[] | undefined;
    for (const size of sizes) {
      const store = await openStore(engines, directory, size, report);
      stores.push(store);
      lists ??= await listRoutes(store);
    }
    const times = await measureAll(stores, lists ?? [], report);
    const memory = await Promise.all(stores.map(({ server }) => server.residentMegabytes()));
    if (sizes.join() === defaultSizes) await writeFile(plot, drawGrowth(sizes, times));
    return compareSizes(sizes, times, memory);
  } finally {
    for (const store of stores) await store.close();
    await engines.stop();
    await rm(directory, { recursive: true });
  }
};

async function openStore(
  engines: Engines,
  directory: string,
  size: number,
  report: (line: string) => void,
): Promise<Store> {
  const name = `growth_${size}`;
  const [mongodbUri, postgresUrl] = [renamed(engines.mongodbUri, name), renamed(engines.postgresUrl, name)];
  const admin = await connectPostgres({ url: engines.postgresUrl });
  await admin.pool.query(`create database ${name}`);
  await admin.close();
  const mongo = await connectMongo({ uri: mongodbUri });
  const startedAt = Date.now();
  await fillCollections(mongo.connection, size);
  report(`filled a store of ${size} in ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  const server = await startGrowthServer({
    MONGODB_URI: mongodbUri,
    POSTGRES_URL: postgresUrl,
    DATA_DIR: join(directory, name),
    RATE_LIMIT_PER_MINUTE: '1000000',
  });
  await openChannel(postgresUrl);
  await openEntities(postgresUrl, server);
  const { connection } = mongo;
  const [email, message] = [
    await connection.collection('email_communication').findOne({ message_id: 'm-0@site.example' }),
    await connection.collection('chat_message').findOne({ channel: 'growth', seq: 1 }),
  ];
  return {
    size,
    mongo,
    server,
    named: { email: String(email?._id), message: String(message?._id) },
    close: async () => {
      await server.stop();
      await mongo.close();
    },
  };
}

async function openChannel(url: string): Promise<void> {
  const { pool, close } = await connectPostgres({ url });
  await pool.query(
    `insert into infratraq.users (user_id, display_name) values ('u-1', 'Growth') on conflict do nothing`,
  );
  await pool.query(
    `insert into infratraq.channels (channel_id, title) values ('growth', 'Growth') on conflict do nothing`,
  );
  await pool.query(
    `insert into infratraq.channel_members (channel_id, user_id) values ('growth', 'u-1') on conflict do nothing`,
  );
  await close();
}

/** Lets all members see all entities, and waits until the documents have been compared with that. */
async function openEntities(url: string, server: GrowthServer): Promise<void> {
  const { pool, close } = await connectPostgres({ url });
  const { rows } = await pool.query<{ now: Date }>(
    `insert into infratraq.scope_rules (entity_type, rule) values ('*', 'open') returning now()`,
  );
  await close();
  const begun = rows[0]!.now.getTime();
  await eventually(
    async () => {
      const { body } = await server.get('/api/v1/access/coverage');
      return (body as { restamping: { begun_at: string; finished_at: string | null } | null }).restamping;
    },
    (progress) =>
      progress !== null && Date.parse(progress.begun_at) >= begun && progress.finished_at !== null,
    { withinMilliseconds: 600_000 },
  );
}

/** All lists of the API, each of which can be asked for. */
async function listRoutes({ server, named }: Store): Promise<string[]> {
  const description = (await server.get('/openapi.json')).body as Parameters<typeof findLists>[0];
  const paths = findLists(description);
  for (const path of paths) writeRequest(path, named);
  return paths;
}

/** Asks all stores and all lists in turn, so that what else happens on the machine meets all of them. */
async function measureAll(
  stores: readonly Store[],
  lists: readonly string[],
  report: (line: string) => void,
): Promise<GrowthTimes> {
  const asked: Record<string, (store: Store) => Promise<unknown>> = {};
  for (const path of lists)
    asked[path] = ({ server, named }) => getExpected(server, path, writeRequest(path, named));
  asked['/api/v1/collections'] = ({ server }) =>
    getExpected(server, '/api/v1/collections', '/api/v1/collections');
  asked['as-of'] = ({ server }) =>
    getExpected(
      server,
      'as-of',
      `/api/v1/audit/entities/projects/0?at=${new Date(Date.now() - 3_600_000).toISOString()}`,
    );
  const logs = new Map(stores.map((store) => [store, new ChangeLog(store.mongo.connection)]));
  asked['next batch of a consumer'] = (store) => readBatch(logs.get(store)!, store.size);

  const taken = Object.entries(asked).map(([what, ask]) => ({
    what,
    ask,
    times: stores.map((): number[] => []),
  }));
  for (let call = 0; call < warmUpCalls + calls; call += 1)
    for (const { ask, times } of taken)
      for (const [place, store] of stores.entries()) {
        const startedAt = performance.now();
        await ask(store);
        if (call >= warmUpCalls) times[place]!.push(performance.now() - startedAt);
      }
  const medians = taken.map(({ what, times }) => [what, times.map(medianOf)] as const);
  for (const [what, times] of medians)
    report(`${what}: ${times.map((time) => `${time.toFixed(1)} ms`).join(', ')}`);
  return Object.fromEntries(medians);
}

async function getExpected(server: GrowthServer, path: string, address: string): Promise<void> {
  const { status, body } = await server.get(address);
  const { refusedWith } = listRequests[path] ?? {};
  if (status !== 200 && status !== refusedWith)
    throw new Error(`${address} answers ${status}: ${JSON.stringify(body).slice(0, 300)}`);
}

async function readBatch(log: ChangeLog, size: number): Promise<void> {
  const position = `${source}:${positionOf(Math.floor(size / 2))
    .toString(16)
    .padStart(16, '0')}:`;
  const found = await log.readNext({
    position,
    sources: [{ source, confirmed_lsn: undefined }],
    entityTypes: undefined,
    limit: 500,
  });
  if (found.length === 0) throw new Error('The consumer is given nothing');
}

function compareSizes(
  sizes: readonly number[],
  times: GrowthTimes,
  memory: readonly number[],
): Measurement[] {
  const [least, most] = [sizes[0]!, sizes.at(-1)!];
  const name = (what: string, unit: string) => `${what} at ${most} against ${least} documents (${unit})`;
  const compared = Object.entries(times).map(([what, taken]) =>
    compareWithPeer('growth', name(what, 'ms'), { ours: taken.at(-1)!, peer: taken[0]! }, target),
  );
  const flat = { ours: memory.at(-1)!, peer: memory[0]! };
  return [...compared, compareWithPeer('growth', name('memory of the server', 'MB'), flat, { atMost: 1.25 })];
}

function renamed(uri: string, database: string): string {
  const address = new URL(uri);
  address.pathname = `/${database}`;
  return address.href;
}
