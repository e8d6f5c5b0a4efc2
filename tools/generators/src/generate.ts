import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { store } from '@infratraq/store';
import { describeCollection } from './reference/describe-collection.js';
import { writeCategoryPage, writeDecisionPage, writeIndexPage } from './reference/write-markdown.js';

const folder = join(import.meta.dirname, '../../../docs/collections');

const wanted = generateFiles();
const present = await readFiles();
const differing = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((name) => wanted.get(name) !== present.get(name))
  .sort();

if (process.argv.includes('--check')) {
  for (const name of differing) process.stdout.write(`differs: docs/collections/${name}\n`);
  if (differing.length > 0) {
    process.stderr.write('run "npm run generate" and commit what it writes\n');
    process.exitCode = 1;
  }
} else {
  await mkdir(folder, { recursive: true });
  for (const name of differing) {
    const text = wanted.get(name);
    if (text === undefined) await rm(join(folder, name));
    else await writeFile(join(folder, name), text);
    process.stdout.write(`${text === undefined ? 'removed' : 'wrote'} docs/collections/${name}\n`);
  }
}

function generateFiles(): Map<string, string> {
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
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}
