import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectMongo, type Mongo } from '../connect.js';
import { WorkRecord } from '../work-record.fixture.js';
import { applyIndexes } from './apply-indexes.js';
import { ensureIndexes } from './ensure-indexes.js';
import { detectDrift } from './plan-indexes.js';
import { findBuild } from './read-build.js';

const documents = 60_000;

let databases: TestDatabases;
let mongo: Mongo;
beforeAll(async () => {
  databases = await createTestDatabases({ postgres: false });
  mongo = await connectMongo({ uri: databases.mongodbUri });
  await mongo.connection.db!.collection('work_record').insertMany(
    Array.from({ length: documents }, (_, number) => ({
      crew: `crew-${number % 50}`,
      number,
      done_at: new Date(),
    })),
  );
}, 120_000);
afterAll(async () => {
  await mongo.close();
  await databases.drop();
});

it('finishes what a process was building when it was killed', async () => {
  const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;
  const program = fileURLToPath(new URL('apply-work-record.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, ['-C', '@infratraq/source', '--import', hooks, program], {
    env: { PATH: process.env['PATH'], MONGODB_URI: databases.mongodbUri },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  await eventually(
    () => findBuild(mongo.connection),
    (build) => build !== undefined,
    { withinMilliseconds: 60_000 },
  );
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
  const waitedFor: string[] = [];
  await applyIndexes(mongo.connection, [WorkRecord], { onProgress: ({ index }) => waitedFor.push(index) });
  expect(waitedFor.length).toBeGreaterThan(0);
  expect((await detectDrift(mongo.connection, [WorkRecord])).actions).toEqual([]);
  expect(await ensureIndexes(mongo.connection, [WorkRecord])).toMatchObject({ built: [], pending: [] });
  await expect(mongo.connection.db!.collection('work_record').insertOne({ number: 1 })).rejects.toMatchObject(
    {
      code: 11_000,
    },
  );
}, 180_000);
