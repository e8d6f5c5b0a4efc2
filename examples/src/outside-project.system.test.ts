import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';

const run = promisify(execFile);
const workspace = resolve(import.meta.dirname, '../..');
const { NODE_OPTIONS: _options, ...environment } = process.env;

/** What npm says it packed. */
interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

async function pack(names: readonly string[], ...options: string[]): Promise<Packed[]> {
  const folders = names.map((name) => join(workspace, 'packages', name));
  const { stdout } = await run('npm', ['pack', '--json', ...options, ...folders], { env: environment });
  return JSON.parse(stdout) as Packed[];
}

it('packages hold what was built, their description, and nothing of their tests', async () => {
  const names = (await readdir(join(workspace, 'packages'))).filter((name) => name !== 'testing');
  for (const { name, files } of await pack(names, '--dry-run')) {
    const paths = files.map(({ path }) => path);
    expect({ name, paths }).toEqual({
      name,
      paths: expect.arrayContaining(['package.json', 'dist/index.js', 'dist/index.d.ts']),
    });
    const foreign = /\.test\.|\.tst\.|fixture|example-documents|tsbuildinfo|^dist\/(spec|testing)\/|^src\//;
    expect({ name, paths: paths.filter((path) => foreign.test(path)) }).toEqual({ name, paths: [] });
  }
});

describe.each([
  { domain: 'messaging', prints: '#1 u-1: Crane is here' },
  { domain: 'preferences', prints: 'conflict (preferences.stale)' },
  { domain: 'notifications', prints: 'Order 7 is yours, Ada' },
])('a project outside this repository that installs $domain', ({ domain, prints }) => {
  let project: string;
  let databases: TestDatabases;

  beforeAll(async () => {
    databases = await createTestDatabases();
    project = await mkdtemp(join(tmpdir(), 'infratraq-outside-'));
    await install(project, domain);
  }, 300_000);
  afterAll(async () => {
    await rm(project, { recursive: true, force: true });
    await databases.drop();
  });

  it('gets neither Fastify nor Socket.IO, which only routes and gateways need', async () => {
    const installed = await readdir(join(project, 'node_modules'));
    expect(installed).toEqual(expect.arrayContaining(['mongoose', 'reflect-metadata', 'zod']));
    expect(installed.filter((name) => /^(@?fastify$|fastify-type|socket\.io)/.test(name))).toEqual([]);
  });

  it('compiles strictly against it, and runs', async () => {
    const compiler = join(project, 'node_modules/typescript/bin/tsc');
    const faults = await run(process.execPath, [compiler, '-p', '.'], {
      cwd: project,
      env: environment,
    }).then(
      () => '',
      (error: { stdout?: string; message: string }) => error.stdout || error.message,
    );
    expect(faults).toBe('');
    const { stdout } = await run(process.execPath, [`dist/${domain}.js`], {
      cwd: project,
      env: { ...environment, MONGODB_URI: databases.mongodbUri, POSTGRES_URL: databases.postgresUrl },
    });
    expect(stdout).toContain(prints);
  }, 120_000);
});

/** Makes a project with the example as its only source, and installs the packed packages with their peers. */
async function install(project: string, domain: string): Promise<void> {
  const tarballs = join(project, 'tarballs');
  await mkdir(tarballs);
  const packed = await pack(await listWithDependencies(domain), '--pack-destination', tarballs);
  const { devDependencies: ours } = await readPackage(workspace);
  const { peerDependencies: peers } = await readPackage(join(workspace, 'packages', domain));
  const pick = (from: Record<string, string>, names: string[]) =>
    Object.fromEntries(names.map((name) => [name, from[name]]));
  const description = {
    name: 'outside',
    private: true,
    type: 'module',
    dependencies: {
      ...Object.fromEntries(packed.map(({ name, filename }) => [name, `file:tarballs/${filename}`])),
      ...pick(peers, ['mongoose', '@typegoose/typegoose', 'reflect-metadata']),
    },
    devDependencies: pick(ours, ['typescript', '@types/node']),
  };
  const configuration = {
    compilerOptions: {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
      rootDir: 'src',
      outDir: 'dist',
    },
    include: ['src'],
  };
  await writeFile(join(project, 'package.json'), JSON.stringify(description));
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(configuration));
  await cp(join(import.meta.dirname, `${domain}.ts`), join(project, 'src', `${domain}.ts`));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: project,
    env: environment,
  });
}

/** A package and those of ours that it depends on, directly or through others. */
async function listWithDependencies(domain: string): Promise<string[]> {
  const names = new Set([domain]);
  for (const name of names) {
    const { dependencies = {} } = await readPackage(join(workspace, 'packages', name));
    for (const dependency of Object.keys(dependencies))
      if (dependency.startsWith('@infratraq/')) names.add(dependency.slice('@infratraq/'.length));
  }
  return [...names];
}

async function readPackage(
  folder: string,
): Promise<Record<'dependencies' | 'devDependencies' | 'peerDependencies', Record<string, string>>> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}
