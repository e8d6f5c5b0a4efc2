import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { readCommandLine } from './engine-folder.js';
import { startEngines, startMongo, startPostgres } from './index.js';

const hooks = new URL('../../swc-hooks.mjs', import.meta.url).href;
const source = new URL('./index.ts', import.meta.url).href;
const embedded = { ...process.env, MONGODB_URI: '', POSTGRES_URL: '' };
let dataDirectory: string;

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-start-engines-'));
});

afterEach(async () => {
  await rm(dataDirectory, { recursive: true, force: true });
});

async function withMongo<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(uri, { retryWrites: false });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function queryPostgres(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function areRunning(pids: number[]): Promise<boolean[]> {
  return Promise.all(pids.map(async (pid) => (await readCommandLine(pid)) !== undefined));
}

describe('startEngines', () => {
  test('keeps what was written when it starts again on the same folder', async () => {
    const first = await startEngines({ dataDirectory, environment: embedded });
    expect(first.mongodb).toMatchObject({ embedded: true, version: expect.stringMatching(/^\d+\.\d+/) });
    await withMongo(first.mongodbUri, (client) =>
      client.db('kept').collection('parts').insertOne({ name: 'pump' }),
    );
    await queryPostgres(first.postgresUrl, "CREATE TABLE part AS SELECT 'pump' AS name");
    await first.stop();

    const second = await startEngines({ dataDirectory, environment: embedded });
    const part = await withMongo(second.mongodbUri, (client) =>
      client.db('kept').collection('parts').findOne(),
    );
    const rows = await queryPostgres(second.postgresUrl, 'SELECT name FROM part');
    await second.stop();
    expect(part).toMatchObject({ name: 'pump' });
    expect(rows).toEqual([{ name: 'pump' }]);
  });

  test('uses addresses that are given and starts nothing', async () => {
    const environment = { MONGODB_URI: 'mongodb://db.example', POSTGRES_URL: 'postgres://db.example/x' };
    const engines = await startEngines({ dataDirectory, environment });
    await engines.stop();
    expect(engines).toMatchObject({
      mongodbUri: 'mongodb://db.example',
      postgresUrl: 'postgres://db.example/x',
      mongodb: { kind: 'external', embedded: false },
      postgres: { kind: 'external', embedded: false },
    });
    expect(await readdir(dataDirectory)).toEqual([]);
  });

  test('leaves no process behind when its process is killed, and starts again on the folder at once', async () => {
    const script = `
      await import(${JSON.stringify(hooks)});
      const { startMongo, startPostgres } = await import(${JSON.stringify(source)});
      const dataDirectory = ${JSON.stringify(dataDirectory)};
      const engines = await Promise.all([startMongo({ dataDirectory }), startPostgres({ dataDirectory })]);
      console.log(JSON.stringify(engines.map((engine) => engine.pid)));
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(output.toString()) as number[];
    expect(await areRunning(pids)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await once(parent, 'exit');

    const engines = await startEngines({ dataDirectory, environment: embedded });
    expect(await areRunning(pids)).toEqual([false, false]);
    await engines.stop();
  });
});

describe('an engine of its own', () => {
  test('has no process left after stop', async () => {
    const engines = await Promise.all([startMongo({ dataDirectory }), startPostgres({ dataDirectory })]);
    expect(await areRunning(engines.map((engine) => engine.pid))).toEqual([true, true]);
    await Promise.all(engines.map((engine) => engine.stop()));
    expect(await areRunning(engines.map((engine) => engine.pid))).toEqual([false, false]);
  });

  test('keeps every acknowledged MongoDB write when it is killed while durable', async () => {
    const first = await startMongo({ dataDirectory, durable: true });
    const acknowledged: number[] = [];
    const failure = await withMongo(first.uri, async (client) => {
      const parts = client.db('kept').collection<{ _id: number }>('parts');
      for (let id = 0; ; id += 1) {
        try {
          await parts.insertOne({ _id: id });
        } catch (error) {
          return error;
        }
        acknowledged.push(id);
        if (id === 200) void first.kill();
      }
    });
    expect(failure).toBeInstanceOf(Error);
    await first.kill();

    const second = await startMongo({ dataDirectory, durable: true, port: first.port });
    expect(second.uri).toBe(first.uri);
    const found = await withMongo(second.uri, (client) =>
      client.db('kept').collection<{ _id: number }>('parts').find().sort({ _id: 1 }).toArray(),
    );
    await second.stop();
    expect(found.map((part) => part._id)).toEqual(expect.arrayContaining(acknowledged));
  });

  test('keeps committed PostgreSQL rows when it is killed, and takes the same port again', async () => {
    const first = await startPostgres({ dataDirectory });
    await queryPostgres(first.url, "CREATE TABLE part AS SELECT 'pump' AS name");
    await first.kill();
    const second = await startPostgres({ dataDirectory, port: first.port });
    const rows = await queryPostgres(first.url, 'SELECT name FROM part');
    const settings = await queryPostgres(first.url, 'SHOW wal_level');
    await second.stop();
    expect(rows).toEqual([{ name: 'pump' }]);
    expect(settings).toEqual([{ wal_level: 'logical' }]);
  });

  test('refuses a folder that another run is using', async () => {
    const engine = await startMongo({ dataDirectory });
    const environment = { ...process.env, INFRATRAQ_ENGINE: 'secantus' };
    await expect(startMongo({ dataDirectory, environment })).rejects.toMatchObject({ code: 'engine.in-use' });
    await engine.stop();
  });
});
