#!/usr/bin/env node
// with-engines COMMAND ARGS…: runs a command with MONGODB_URI and POSTGRES_URL of databases that live as long as it.
import '../../swc-hooks.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { startEngines } = await import('../src/index.ts');

const [command, ...commandArguments] = process.argv.slice(2);
if (!command) {
  console.error('Usage: with-engines COMMAND ARGS…');
  process.exit(2);
}

let child;
let interruptedBy;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    child?.kill(signal);
  });
}

const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-engines-'));
let engines;
try {
  engines = await startEngines({ dataDirectory });
  console.error(`with-engines: MongoDB ${engines.mongodb.kind}, PostgreSQL ${engines.postgres.kind}`);
  process.exitCode = interruptedBy ? exitCodeOf(null, interruptedBy) : await runCommand(engines);
} catch (error) {
  console.error(`with-engines: ${error.message}`);
  process.exitCode = 1;
} finally {
  await engines?.stop();
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
