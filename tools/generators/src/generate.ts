import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { store } from '@infratraq/store';
import { mostPublicNames, reportPublicNames } from './public-names/write-report.js';
import { describeCollection } from './reference/describe-collection.js';
import { writeCategoryPage, writeDecisionPage, writeIndexPage } from './reference/write-markdown.js';
import { writeSettingsPage } from './reference/write-settings.js';

const root = join(import.meta.dirname, '../../..');
/** Folders that hold generated files only: any other file in them is removed. */
const folders = ['docs/collections', 'docs/api'];

const publicNames = reportPublicNames(join(root, 'packages'));
const wanted = new Map<string, string>([
  ['docs/settings.md', writeSettingsPage()],
  ...within('docs/collections', describeStore()),
  ...within('docs/api', publicNames.pages),
]);
const present = await readFiles();
const differing = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((path) => wanted.get(path) !== present.get(path))
  .sort();

if (process.argv.includes('--check')) {
  for (const path of differing) process.stdout.write(`differs: ${path}\n`);
  if (differing.length > 0) fail('Run "npm run generate" and commit what it writes');
  if (publicNames.total > mostPublicNames)
    fail(`The packages offer ${publicNames.total} public names, more than ${mostPublicNames}`);
} else {
  for (const path of differing) {
    const text = wanted.get(path);
    await mkdir(dirname(join(root, path)), { recursive: true });
    if (text === undefined) await rm(join(root, path));
    else await writeFile(join(root, path), text);
    process.stdout.write(`${text === undefined ? 'removed' : 'wrote'} ${path}\n`);
  }
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

function within(folder: string, files: ReadonlyMap<string, string>): [string, string][] {
  return [...files].map(([name, text]) => [`${folder}/${name}`, text]);
}

function describeStore(): Map<string, string> {
  const collections = store.collections.map(describeCollection);
  const files = new Map<string, string>([
    ['README.md', writeIndexPage(collections)],
    ['decision-framework.md', writeDecisionPage()],
    ['manifest.json', `${JSON.stringify({ generatedBy: 'npm run generate', collections }, null, 2)}\n`],
  ]);
  for (const { name } of store.categories)
    files.set(
      `${name}.md`,
      writeCategoryPage(
        name,
        collections.filter(({ category }) => category === name),
      ),
    );
  return files;
}

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
}
