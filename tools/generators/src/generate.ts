import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { store } from '@infratraq/store';
import { consoleTypesFile, writeConsoleTypes } from './console-types.js';
import { describeCollection } from './reference/describe-collection.js';
import { writeCategoryPage, writeDecisionPage, writeIndexPage } from './reference/write-markdown.js';

const root = join(import.meta.dirname, '../../..');
/** Folders whose every file is generated; what is no longer wanted there is removed. */
const generatedFolders = ['docs/collections'];

const wanted = new Map([...writeCollectionPages(), [consoleTypesFile, await writeConsoleTypes()]]);
const present = await readPresent();
const differing = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((path) => wanted.get(path) !== present.get(path))
  .sort();

if (process.argv.includes('--check')) {
  for (const path of differing) process.stdout.write(`differs: ${path}\n`);
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
    process.stdout.write(`${text === undefined ? 'removed' : 'wrote'} ${path}\n`);
  }
}

function writeCollectionPages(): Map<string, string> {
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
}
