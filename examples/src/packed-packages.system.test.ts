import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  packPackages,
  readPackages,
  run,
  workspace,
  type Tarball,
  type WorkspacePackage,
} from './testing/pack-packages.js';
import { packageOf, readNeeds } from './testing/read-imports.js';

/** Entries that serve HTTP with Fastify; no other may need it. */
const fastifyEntries = /^\.\/(routes|tus|hooks|devices|fastify|request-log|request-metrics)$/;
const isFastify = (name: string) =>
  /^(fastify|fastify-plugin|fastify-type-provider-zod|@fastify\/.+)$/.test(name);
const isOurs = (name: string) => name.startsWith('@infratraq/');

const packages = await readPackages();
const byName = new Map(packages.map((one) => [one.manifest.name, one]));
const each = packages.map((one): [string, WorkspacePackage] => [one.manifest.name, one]);

let folder: string;
let tarballs: Map<string, Tarball>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-packed-'));
  const packed = await packPackages(
    packages.map((one) => one.folder),
    folder,
  );
  tarballs = new Map(packed.map((tarball) => [tarball.name, tarball]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(each)('%s as it is published', (name, one) => {
  const { manifest } = one;
  const entries = Object.entries(manifest.exports);
  const peers = manifest.peerDependencies ?? {};
  const isOptional = (peer: string) => manifest.peerDependenciesMeta?.[peer]?.optional === true;

  it('holds its build, its description and its licence, and nothing of its tests', async () => {
    const paths = tarballs.get(name)!.files.map(({ path }) => path);
    const built = entries.flatMap(([, { types, default: code }]) =>
      [types, code].map((path) => path.slice(2)),
    );
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', ...built]));
    const foreign = /\.test\.|\.tst\.|fixture|example-documents|tsbuildinfo|^dist\/spec\/|\/testing\/|^src\//;
    expect(paths.filter((path) => foreign.test(path))).toEqual([]);
    expect(manifest).toMatchObject({
      license: 'Apache-2.0',
      repository: { directory: `packages/${name.slice('@infratraq/'.length)}` },
      engines: { node: '>=22.15' },
    });
    expect(manifest).not.toHaveProperty('private');
  });

  it('has source maps that hold their sources', async () => {
    for (const { path } of tarballs.get(name)!.files.filter(({ path }) => path.endsWith('.map'))) {
      const { sourcesContent } = JSON.parse(await readFile(join(one.folder, path), 'utf8'));
      expect({ path, sources: sourcesContent }).toEqual({ path, sources: [expect.any(String)] });
    }
  });

  it('declares everything that its entries import, and packs it', () => {
    const declared = new Set(Object.keys({ ...manifest.dependencies, ...peers }).concat(name));
    const packed = new Set(tarballs.get(name)!.files.map(({ path }) => path));
    for (const path of entries.flatMap(([, { types, default: code }]) => [types, code])) {
      const needs = readNeeds(one, path);
      const foreign = [...needs.static, ...needs.dynamic]
        .map(packageOf)
        .filter((other) => !declared.has(other));
      expect({ path, foreign }).toEqual({ path, foreign: [] });
      expect([...needs.files].filter((file) => !packed.has(file))).toEqual([]);
    }
  });

  it('declares no peer that nothing needs', () => {
    const paths = entries.flatMap(([, { types, default: code }]) => [types, code]);
    const needs = paths.map((path) => readNeeds(one, path));
    const used = new Set(needs.flatMap((need) => [...need.static, ...need.dynamic]).map(packageOf));
    // A peer of a package that this one brings along is to be declared here too.
    const forwarded = Object.keys(manifest.dependencies ?? {})
      .filter(isOurs)
      .flatMap((other) => Object.keys(byName.get(other)?.manifest.peerDependencies ?? {}));
    const idle = Object.keys(peers).filter((peer) => !used.has(peer) && !forwarded.includes(peer));
    expect(idle).toEqual([]);
  });

  it('works without its optional peers, as far as its main entry goes', () => {
    const main = manifest.exports['.'];
    const needed = main ? [...reach(one, main.default)] : [];
    expect(needed.filter(isOptional)).toEqual([]);
  });

  it('needs Fastify for routes alone', () => {
    const needing = entries.filter(([, { default: code }]) => [...reach(one, code)].some(isFastify));
    expect(needing.map(([entry]) => entry).filter((entry) => !fastifyEntries.test(entry))).toEqual([]);
  });

  it('is laid out as the tools of others expect', async () => {
    const tarball = join(folder, tarballs.get(name)!.filename);
    await run('publint', ['--strict', tarball], { cwd: workspace });
    await run('attw', ['--profile', 'esm-only', '--no-emoji', tarball], { cwd: workspace });
  });
});

/** Packages that are imported at once when a module is, through other packages of ours too. */
function reach(one: WorkspacePackage, path: string, seen = new Set<string>()): Set<string> {
  const needs = readNeeds(one, path);
  const reached = new Set([...needs.static].map(packageOf));
  for (const specifier of [...needs.static].filter(isOurs)) {
    if (seen.has(specifier)) continue;
    seen.add(specifier);
    const other = byName.get(packageOf(specifier));
    const entry = other?.manifest.exports[`.${specifier.slice(packageOf(specifier).length)}`];
    if (other && entry) for (const name of reach(other, entry.default, seen)) reached.add(name);
  }
  return reached;
}
