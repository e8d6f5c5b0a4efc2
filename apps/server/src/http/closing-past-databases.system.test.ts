import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLink, type CutLink } from '../testing/cut-link.js';
import { signToken, testSecret } from '../testing/sign-token.js';
import { startServerProcess, type ServerProcess } from '../testing/start-server-process.js';

/** After ten seconds, Docker kills what it has asked to end. */
const patienceMilliseconds = 10_000;

let databases: TestDatabases;
let folder: string;
let server: ServerProcess;
let mongo: CutLink;
let postgres: CutLink;

beforeEach(async () => {
  databases = await createTestDatabases();
  folder = await mkdtemp(join(tmpdir(), 'closing-'));
  const [mongodb, postgresql] = [new URL(databases.mongodbUri), new URL(databases.postgresUrl)];
  mongo = await openLink(Number(mongodb.port));
  postgres = await openLink(Number(postgresql.port));
  mongodb.port = String(mongo.port);
  postgresql.port = String(postgres.port);
  server = await startServerProcess({
    MONGODB_URI: mongodb.toString(),
    POSTGRES_URL: postgresql.toString(),
    AUTH_SECRET: testSecret,
    DATA_DIR: folder,
  });
}, 60_000);
afterEach(async () => {
  await server.kill();
  mongo.close();
  postgres.close();
  await databases.drop();
  await rm(folder, { recursive: true });
});

it.each([
  ['PostgreSQL no longer', () => [postgres]],
  ['MongoDB no longer', () => [mongo]],
  ['neither database', () => [postgres, mongo]],
])(
  'ends in order and in time though %s answers',
  async (_which, silent) => {
    const headers = { authorization: `Bearer ${await signToken('u-engineer-1', ['member'])}` };
    for (const link of silent()) link.stall();
    const asked = fetch(`${server.url}/api/v1/preferences`, { headers }).catch(() => undefined);
    const begun = performance.now();
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(performance.now() - begun).toBeLessThan(patienceMilliseconds);
    await asked;
  },
  60_000,
);
