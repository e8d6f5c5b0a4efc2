import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { expectedOutput } from './testing/expected-output.js';

const run = promisify(execFile);
const folder = import.meta.dirname;

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

it.each(Object.entries(expectedOutput))(
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
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing/'))
    .map((file) => file.replace(/\.ts$/, ''));
  expect(programs.sort()).toEqual(Object.keys(expectedOutput).sort());
  expect(programs.filter((name) => !name.startsWith('guides/'))).toEqual(packages.sort());
});
