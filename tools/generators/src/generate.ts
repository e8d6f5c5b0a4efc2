import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { store } from '@infratraq/store';
<<<<<<< HEAD
import { mostPublicNames, reportPublicNames } from './public-names/write-report.js';
=======
import { consoleTypesFile, writeConsoleTypes } from './console-types.js';
>>>>>>> main
import { describeCollection } from './reference/describe-collection.js';
import { writeCategoryPage, writeDecisionPage, writeIndexPage } from './reference/write-markdown.js';
import { writeSettingsPage } from './reference/write-settings.js';

const root = join(import.meta.dirname, '../../..');
<<<<<<< HEAD
/** Folders that hold generated files only: any other file in them is removed. */
const folders = ['docs/collections', 'docs/api'];

const publicNames = reportPublicNames(join(root, 'packages'));
const wanted = new Map<string, string>([
  ['docs/settings.md', writeSettingsPage()],
  ...within('docs/collections', describeStore()),
  ...within('docs/api', publicNames.pages),
  ...(await copyLicence()),
]);
const present = await readFiles();
=======
/** Folders whose every file is generated; what is no longer wanted there is removed. */
const generatedFolders = ['docs/collections'];

const wanted = new Map([...writeCollectionPages(), [consoleTypesFile, await writeConsoleTypes()]]);
const present = await readPresent();
>>>>>>> main
const differing = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((path) => wanted.get(path) !== present.get(path))
  .sort();

if (process.argv.includes('--check')) {
  for (const path of differing) process.stdout.write(`differs: ${path}\n`);
<<<<<<< HEAD
  if (differing.length > 0) fail('Run "npm run generate" and commit what it writes');
  if (publicNames.total > mostPublicNames)
    fail(`The packages offer ${publicNames.total} public names, more than ${mostPublicNames}`);
} else {
  for (const path of differing) {
    const text = wanted.get(path);
    await mkdir(dirname(join(root, path)), { recursive: true });
    if (text === undefined) await rm(join(root, path));
    else await writeFile(join(root, path), text);
=======
  if (differing.length > 0) {
    process.stderr.write('run "npm run generate" and commit what it writes\n');
    process.exitCode = 1;
  }
} else {
  for (const path of differing) {
    const text = wanted.get(path);
    const file = join(root, path);
    if (text === undefined) await rm(file);
    else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
>>>>>>> main
    process.stdout.write(`${text === undefined ? 'removed' : 'wrote'} ${path}\n`);
  }
}

<<<<<<< HEAD
function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

function within(folder: string, files: ReadonlyMap<string, string>): [string, string][] {
  return [...files].map(([name, text]) => [`${folder}/${name}`, text]);
}

/** A package that is installed alone carries its licence itself. */
async function copyLicence(): Promise<[string, string][]> {
  const text = await readFile(join(root, 'LICENSE'), 'utf8');
  const names = await readdir(join(root, 'packages'));
  return names.map((name) => [`packages/${name}/LICENSE`, text]);
}

function describeStore(): Map<string, string> {
=======
function writeCollectionPages(): Map<string, string> {
>>>>>>> main
  const collections = store.collections.map(describeCollection);
  const manifest = `${JSON.stringify({ generatedBy: 'npm run generate', collections }, null, 2)}\n`;
  return new Map([
    ['docs/collections/README.md', writeIndexPage(collections)],
    ['docs/collections/decision-framework.md', writeDecisionPage()],
    ['docs/collections/manifest.json', manifest],
    ...store.categories.map(({ name }): [string, string] => [
      `docs/collections/${name}.md`,
      writeCategoryPage(
        name,
        collections.filter(({ category }) => category === name),
      ),
    ]),
  ]);
}

<<<<<<< HEAD
async function readFiles(): Promise<Map<string, string>> {
  const listed = await Promise.all(
    folders.map(async (folder) => (await readFolder(folder)).map((name) => `${folder}/${name}`)),
  );
  const paths = new Set([...wanted.keys(), ...listed.flat()]);
  const texts = await Promise.all([...paths].map(async (path) => [path, await readText(path)] as const));
  return new Map(texts.flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])));
}

function readFolder(folder: string): Promise<string[]> {
  return readdir(join(root, folder)).catch((error) => standIn(error, []));
}

function readText(path: string): Promise<string | undefined> {
  return readFile(join(root, path), 'utf8').catch((error) => standIn(error, undefined));
}

function standIn<Value>(error: NodeJS.ErrnoException, value: Value): Value {
  if (error.code === 'ENOENT') return value;
  throw error;
=======
async function readPresent(): Promise<Map<string, string>> {
  const listed = await Promise.all(
    generatedFolders.map(async (folder) =>
      (await acceptAbsence(readdir(join(root, folder)), [])).map((name) => `${folder}/${name}`),
    ),
  );
  const present = new Map<string, string>();
  for (const path of new Set([...wanted.keys(), ...listed.flat()])) {
    const text = await acceptAbsence(readFile(join(root, path), 'utf8'), undefined);
    if (text !== undefined) present.set(path, text);
  }
  return present;
}

function acceptAbsence<Value, Absent>(asked: Promise<Value>, absent: Absent): Promise<Value | Absent> {
  return asked.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return absent;
    throw error;
  });
>>>>>>> main
}
