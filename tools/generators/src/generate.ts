import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { store } from '@infratraq/store';
import { apiDescriptionFile, consoleTypesFile, writeConsoleTypes } from './console-types.js';
import { mostPublicNames, reportPublicNames } from './public-names/write-report.js';
import { describeCollection } from './reference/describe-collection.js';
import { writeCategoryPage, writeDecisionPage, writeIndexPage } from './reference/write-markdown.js';
import { writeSettingsPage } from './reference/write-settings.js';

const root = join(import.meta.dirname, '../../..');
/** Folders whose every file is generated; a file that is no longer wanted there is removed. */
const generatedFolders = ['docs/collections', 'docs/api'];

const publicNames = reportPublicNames(join(root, 'packages'));
const wanted = new Map([
  ...writeCollectionPages(),
  ...publicNames.pages,
  ...(await copyLicence()),
  ['docs/settings.md', writeSettingsPage()],
  [consoleTypesFile, await writeConsoleTypes()],
]);
const present = await readPresent();
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
    const file = join(root, path);
    if (text === undefined) await rm(file);
    else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    process.stdout.write(`${text === undefined ? 'removed' : 'wrote'} ${path}\n`);
  }
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

/** A package that is installed alone carries its licence itself. */
async function copyLicence(): Promise<[string, string][]> {
  const text = await readFile(join(root, 'LICENSE'), 'utf8');
  const names = await readdir(join(root, 'packages'));
  return names.map((name) => [`packages/${name}/LICENSE`, text]);
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
      (await acceptAbsence(readdir(join(root, folder)), []))
        .map((name) => `${folder}/${name}`)
        // Made from a running server: npm run generate:api.
        .filter((path) => path !== apiDescriptionFile),
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
