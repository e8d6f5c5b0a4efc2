import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const workspace = resolve(import.meta.dirname, '../../..');

const { NODE_OPTIONS: _options, ...environment } = process.env;

/** Runs a program as if outside of jest; answers what it printed, and fails with that if it fails. */
export async function run(
  command: string,
  words: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<string> {
  const env = { ...environment, ...options.env };
  const { stdout } = await promisify(execFile)(command, words, { ...options, env, maxBuffer: 2 ** 26 }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${command} ${words.join(' ')}: ${error.message}\n${error.stdout}\n${error.stderr}`);
    },
  );
  return stdout;
}

/** What a package says of itself. */
export interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly repository?: { readonly directory: string };
  readonly engines?: { readonly node: string };
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Reads the published packages. */
export async function readPackages(): Promise<WorkspacePackage[]> {
  const names = await readdir(join(workspace, 'packages'));
  return Promise.all(names.map((name) => readPackage(join(workspace, 'packages', name))));
}

export async function readPackage(folder: string): Promise<WorkspacePackage> {
  return { folder, manifest: JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) };
}

/** A package as npm packed it. */
export interface Tarball {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs packages into a folder. */
export async function packPackages(folders: readonly string[], destination: string): Promise<Tarball[]> {
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination, ...folders];
  return JSON.parse(await run('npm', words, { cwd: workspace })) as Tarball[];
}
