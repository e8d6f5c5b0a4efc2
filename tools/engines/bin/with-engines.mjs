#!/usr/bin/env node
// with-engines COMMAND ARGS…: runs a command with MONGODB_URI and POSTGRES_URL of databases that live as long as it.
// with-engines --documentdb COMMAND ARGS…: MONGODB_URI is DocumentDB behind FerretDB, where text search works.
import '../../swc-hooks.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { startDocumentdb, startEngines } = await import('../src/index.ts');

const wantsDocumentdb = process.argv[2] === '--documentdb';
const [command, ...commandArguments] = process.argv.slice(wantsDocumentdb ? 3 : 2);
if (!command) {
  console.error('Usage: with-engines [--documentdb] COMMAND ARGS…');
  process.exit(2);
}

let child;
let interruptedBy;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    // A terminal sends Ctrl-C to the command itself, and many commands take a second one for impatience.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill(signal);
  });
}

const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-engines-'));
let engines;
let documentdb;
try {
  documentdb = wantsDocumentdb ? await startDocumentdb({ dataDirectory }) : undefined;
  const environment = documentdb ? { ...process.env, MONGODB_URI: documentdb.uri } : process.env;
  engines = await startEngines({ dataDirectory, environment, disposable: true });
  console.error(
    `with-engines: MongoDB ${documentdb ? 'documentdb' : engines.mongodb.kind}, PostgreSQL ${engines.postgres.kind}`,
  );
  process.exitCode = interruptedBy ? exitCodeOf(null, interruptedBy) : await runCommand(engines);
} catch (error) {
  console.error(`with-engines: ${error.message}`);
  process.exitCode = 1;
} finally {
  await engines?.stop();
  await documentdb?.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
process.exit();

async function runCommand({ mongodbUri, postgresUrl }) {
  const binaries = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));
  child = spawn(command, commandArguments, {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${binaries}${delimiter}${process.env.PATH}`,
      MONGODB_URI: mongodbUri,
      POSTGRES_URL: postgresUrl,
    },
  });
  const [code, signal] = await once(child, 'exit');
  return exitCodeOf(code, signal);
}

function exitCodeOf(code, signal) {
  return code ?? 128 + constants.signals[signal];
}
