import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackages, readPackage, readPackages, run, workspace, type Manifest } from './pack-packages.js';

/** A project outside of this repository that installed every package, with all peers, from tarballs. */
export interface OutsideProject {
  readonly folder: string;
  /** The Node of each version that packages promise to run on. */
  readonly nodes: Readonly<Record<'22' | '24', string>>;
  /** Answers what the compiler says of the project's files, and of the declarations of our packages. */
  compile(): Promise<string>;
  remove(): Promise<void>;
}

/** Settings as somebody's own project has them; decorators as Typegoose and NestJS want them. */
const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  skipLibCheck: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  useDefineForClassFields: false,
  types: ['node'],
  rootDir: 'src',
  outDir: 'dist',
};

/** Packs every package and the command, installs them in a new folder, and copies the programs of `examples` there. */
export async function makeOutsideProject(): Promise<OutsideProject> {
  const folder = await mkdtemp(join(tmpdir(), 'infratraq-outside-'));
  await mkdir(join(folder, 'tarballs'));
  const { manifest: ours } = await readPackage(workspace);
  const { manifest: examples } = await readPackage(join(workspace, 'examples'));
  const packages = await readPackages();
  const folders = [...packages.map((one) => one.folder), join(workspace, 'apps/cli')];
  const packed = await packPackages(folders, join(folder, 'tarballs'));
  const description = {
    name: 'outside',
    private: true,
    type: 'module',
    dependencies: {
      ...Object.assign({}, ...packages.map(({ manifest }) => manifest.peerDependencies)),
      ...foreignOf(examples),
      ...Object.fromEntries(packed.map(({ name, filename }) => [name, `file:tarballs/${filename}`])),
    },
    devDependencies: {
      ...pick(ours, ['@types/node', 'jest', 'typescript-native']),
      node: '22',
    },
    allowScripts: { node: true },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(description));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  await cp(join(workspace, 'examples/src'), join(folder, 'src'), {
    recursive: true,
    filter: (path) => !path.endsWith('.test.ts') && !path.includes('/src/testing'),
  });
  await cp(join(workspace, 'examples/applications'), join(folder, 'src/applications'), { recursive: true });
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
  return {
    folder,
    nodes: { 22: join(folder, 'node_modules/node/bin/node'), 24: process.execPath },
    async compile() {
      const compiler = join(folder, 'node_modules/typescript-native/bin/tsc');
      const said = await run(process.execPath, [compiler, '-p', '.'], { cwd: folder }).then(
        () => '',
        (error: Error) => error.message,
      );
      // What others' declarations lack is theirs to mend.
      return said
        .split('\n')
        .filter((line) => /^(src|node_modules\/@infratraq)\//.test(line))
        .join('\n');
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function foreignOf({ dependencies = {}, devDependencies = {} }: Manifest): Record<string, string> {
  const all = Object.entries({ ...dependencies, ...devDependencies });
  const tools = ['publint', '@arethetypeswrong/cli'];
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('@infratraq/') && !tools.includes(name)));
}

function pick(
  { devDependencies = {} }: Manifest,
  names: readonly string[],
): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, devDependencies[name]]));
}
