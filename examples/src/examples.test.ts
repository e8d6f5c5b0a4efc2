import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';

const run = promisify(execFile);
const folder = import.meta.dirname;

/** What each example prints when it does what it promises. */
const expected: Record<string, string> = {
  activity: 'found nothing: brigde bearing',
  ai: '42 m: 12.5 days late',
  attachments: 'findings.txt, text/plain',
  audit: 'it was {"id":7,"amount":100}',
  caches: 'hit: {"finished_percent":62}',
  capture: "UPDATE { id: 1, note: 'rain' } -> { id: 1, note: 'sun' }",
  'chat-wire': '{ ok: true }',
  'chat-client': '#1 ada: The crane is here',
  'guides/attachments': 'contracts/7: 422 attachment.type-refused',
  'guides/email-history': 'Span 4: The crack is 2 mm wide.',
  environment: 'port 8080, origins https://one.example and https://two.example',
  'file-lock': 'first taken: true, second taken: false',
  ingest: 'stored 2 searches',
  integration: 'authorization: [redacted]',
  kernel: 'payments belong in postgresql',
  messaging: '#1 u-1: Crane is here',
  mongo: 'drift: drop        entity_changelog.reason_1 (reason 1)',
  notifications: 'Order 7 is yours, Ada',
  objects: 'text/csv of 27 bytes: project,cost',
  observability: 'planner: RangeError, The beam is too long',
  postgres: "[ { name: 'P-7' } ]",
  preferences: 'Europe/Berlin by the user, en by the product',
  store: '35 collections in 10 categories',
  transport: 'u-1: 40 t',
};

let databases: TestDatabases;
let objectsFolder: string;
beforeEach(async () => {
  databases = await createTestDatabases();
  objectsFolder = await mkdtemp(join(tmpdir(), 'infratraq-examples-'));
});
afterEach(async () => {
  await databases.drop();
  await rm(objectsFolder, { recursive: true });
});

it.each(Object.entries(expected))(
  'the example of %s runs as it is, against the built packages, and ends by itself',
  async (name, line) => {
    // Settings of this run that would change what an example prints, or how node reads it.
    const { NODE_OPTIONS: _options, FORCE_COLOR: _color, ...inherited } = process.env;
    const addresses = {
      MONGODB_URI: databases.mongodbUri,
      POSTGRES_URL: databases.postgresUrl,
      OBJECTS_URL: pathToFileURL(objectsFolder).href,
    };
    // An exit code other than 0, or an example that does not end, rejects with what it printed.
    const { stdout } = await run(process.execPath, [`${folder}/${name}.ts`], {
      env: { ...inherited, ...addresses, NO_COLOR: '1' },
      timeout: 150_000,
    });
    expect(stdout).toContain(line);
  },
);

it('there is one example for each published package, others are shown by guides, and each is run', async () => {
  const packages = (await readdir(`${folder}/../../packages`)).filter((name) => name !== 'testing');
  const programs = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.replace(/\.ts$/, ''));
  expect(programs.sort()).toEqual(Object.keys(expected).sort());
  expect(programs.filter((name) => !name.startsWith('guides/'))).toEqual(packages.sort());
});

it('the guide to notifications shows the example as it is', async () => {
  const guide = await readFile(`${folder}/../../docs/guides/notifications.md`, 'utf8');
  expect(guide).toContain(`\`\`\`ts\n${await readFile(`${folder}/notifications.ts`, 'utf8')}\`\`\``);
});
